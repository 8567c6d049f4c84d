#!/bin/sh
# A login: asks for a name and a password, and holds them against the file $USERS. Its lines are
# NAME:HASH; the hash is what `openssl passwd -6` prints.
set -u
while :; do
    printf 'User: '
    read -r user || exit 1
    printf 'Password: '
    stty -echo
    read -r password || exit 1
    stty echo
    echo
    known=$(NAME=$user awk -F: '$1 == ENVIRON["NAME"] { print $2; exit }' "$USERS")
    salt=$(printf '%s' "$known" | cut -d '$' -f 3)
    hash=$(printf '%s\n' "$password" | openssl passwd -6 -salt "${salt:-nobody}" -stdin)
    if [ -n "$known" ] && [ "$hash" = "$known" ]; then
        exec awp session grant --subject "$user" --acr pwd --ttl 8h
    fi
    awp session deny --retry --reason bad-credentials || exit 1
    echo 'Unknown user or password.'
done
