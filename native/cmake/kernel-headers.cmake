# The headers of Linux's kernel that are the C library's under other names. The others are not there: docs/app-does-not-build.md.
set(kernel_headers
    asm/errno.h=errno.h asm/ioctl.h=sys/ioctl.h asm/ioctls.h=sys/ioctl.h asm/socket.h=sys/socket.h
    asm/types.h=linux/types.h
    linux/errno.h=errno.h linux/eventpoll.h=sys/epoll.h linux/fcntl.h=fcntl.h linux/if.h=net/if.h
    linux/if_arp.h=net/if_arp.h linux/if_ether.h=netinet/if_ether.h linux/if_packet.h=netpacket/packet.h
    linux/in.h=netinet/in.h linux/in6.h=netinet/in.h linux/ioctl.h=sys/ioctl.h linux/ip.h=netinet/ip.h
    linux/limits.h=limits.h linux/poll.h=poll.h linux/prctl.h=sys/prctl.h linux/random.h=sys/random.h
    linux/reboot.h=sys/reboot.h linux/signal.h=signal.h linux/socket.h=sys/socket.h linux/sockios.h=sys/ioctl.h
    linux/stat.h=sys/stat.h linux/stddef.h=stddef.h linux/string.h=string.h linux/tcp.h=netinet/tcp.h
    linux/time.h=time.h linux/udp.h=netinet/udp.h linux/un.h=sys/un.h linux/unistd.h=sys/syscall.h
    linux/wait.h=sys/wait.h)

# Writes them to FOLDER.
function(write_kernel_headers FOLDER)
  foreach(each IN LISTS kernel_headers)
    string(REPLACE "=" ";" pair ${each})
    list(GET pair 0 name)
    list(GET pair 1 header)
    file(WRITE ${FOLDER}/${name} "#include <${header}>\n")
  endforeach()
endfunction()
