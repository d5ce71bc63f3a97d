#!/usr/bin/env bash
# Gunicorn, and the gateway in front of it. When one of them ends, so does the container.

gunicorn "${WSGI_MODULE:-shop.wsgi}" --bind 127.0.0.1:8000 &
intermission gateway --listen "${PORT:-80}" --upstream http://127.0.0.1:8000 --hold 10s &

end() {
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null
}
trap end TERM INT
wait -n
end
wait
