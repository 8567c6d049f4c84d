#!/bin/sh
# The names of the variables of CGI, and the values that do not differ from call to call.
env | sort | sed -n '/^\(HTTP_\|REMOTE_\|SERVER_\|GATEWAY_\|REQUEST_\|SCRIPT_\|PATH_INFO\|QUERY_\|UNIQUE_\|AUTH_TYPE\|HTTPS\)/p'
