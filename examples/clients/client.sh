call='{"jsonrpc":"2.0","id":1,"method":"session.info"}'
echo "$call" | socat -t 10 - "UNIX-CONNECT:$AWP_SOCKET"
