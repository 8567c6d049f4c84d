use IO::Socket::UNIX; my $server = IO::Socket::UNIX->new($ENV{AWP_SOCKET}) or die "no session: $!\n";
$server->autoflush; print $server qq({"jsonrpc":"2.0","id":1,"method":"session.info"}\n);
print scalar <$server>;
