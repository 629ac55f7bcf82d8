-- No archive on a server is older than this.
SELECT 1;
