nohup setsid bin/heartbeat > /dev/null 2>&1 < /dev/null &
until [ -s heartbeat.log ]; do sleep 0.1; done
