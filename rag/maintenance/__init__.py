"""Work on a whole archive: doctor, repair, backup, export."""
