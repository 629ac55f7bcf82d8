#!/bin/sh
# In the build of a static site: stop when a page is contradicted by the archive, or out of date.
# check-drafts.sh ARCHIVE PAGE...
archive=$1
shift
status=0
for page in "$@"; do
  dateline check --archive "$archive" --report "$page.checked.html" "$page" || status=$?
done
exit "$status"
