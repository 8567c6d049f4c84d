#!/bin/sh
# Limits of control groups, in force: a virtual machine with Debian's kernel, in which the groups are
# delegated to awp. Needs qemu-system-x86, busybox-static, cpio and binutils; no hardware support, no rights.
# Usage: run.sh AWP FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
awp=$1
folder=$2
mkdir -p "$folder"
cd "$folder"

if ! [ -f vmlinuz ]; then
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
  apt-get download "$package"
  dpkg -x "$package"_*.deb kernel
  cp kernel/boot/vmlinuz-* vmlinuz
fi

rm -rf root
for one in bin dev etc lib64 proc root sys tmp; do mkdir -p root/$one; done
cp "$(command -v busybox)" root/bin/busybox
for name in $(root/bin/busybox --list); do [ -e root/bin/"$name" ] || ln -s busybox root/bin/"$name"; done
strip -o root/bin/awp "$awp"
ldd "$awp" | awk '$3 ~ "^/" { print $3 } $1 ~ "^/" { print $1 }' | while read -r library; do
  mkdir -p root"$(dirname "$library")"
  cp -L "$library" root"$library"
done
echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
cp "$here/awp.toml" root/etc/awp.toml
install -m 755 "$here/init" root/init
(cd root && find . | cpio --quiet -o -H newc | gzip -1) >initrd

timeout 300 qemu-system-x86_64 -m 1024 -smp 2 -nographic -no-reboot -nic none -kernel vmlinuz \
  -initrd initrd -append 'console=ttyS0 quiet panic=-1' </dev/null | tr -d '\r' | tee log
found=$(grep -ac 'ok: ' log)
echo "$found lines say ok"
! grep -aq 'FAIL: ' log && grep -aq '^the end' log && [ "$found" -eq 8 ]
