#!/bin/sh
# Ask with curl and see the events as they come: events.sh http://127.0.0.1:7860 "When ...?"
question=$(printf %s "$2" | sed 's/\\/\\\\/g; s/"/\\"/g')
curl -sN "$1/api/v1/ask" -H 'content-type: application/json' \
  -d "{\"question\": \"$question\", \"stream\": true}"
