"""Add a folder of articles over HTTP, with a key.

send_folder.py URL KEY FOLDER [COLLECTION]
"""

import sys
import time
from pathlib import Path

import httpx

url, key, folder = sys.argv[1:4]
into = {"collection": sys.argv[4]} if len(sys.argv) > 4 else {}
with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
    batch = client.post("/api/uploads").raise_for_status().json()["batch"]
    for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        name = {"name": str(file.relative_to(folder))}
        client.put(f"/api/uploads/{batch}", params=name, content=file.read_bytes())
    answer = client.post("/api/v1/jobs", json={"upload": batch, **into})
    job = answer.json()
    if answer.is_error:
        sys.exit(job["detail"])
    while job["running"]:
        time.sleep(1)
        job = client.get(f"/api/v1/jobs/{job['id']}").raise_for_status().json()
print(job["totals"], *job["failures"], sep="\n")
