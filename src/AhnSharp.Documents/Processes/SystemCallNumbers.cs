using System.Runtime.InteropServices;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// The system calls that a reader has no need of, by number. Source: Linux 6.12, arch/x86/entry/syscalls/syscall_64.tbl and
/// include/uapi/asm-generic/unistd.h.
/// </summary>
/// <param name="AuditArchitecture">AUDIT_ARCH_… of linux/audit.h.</param>
/// <param name="Denied">Answered by EPERM.</param>
/// <param name="Missing">Answered by ENOSYS, since their flags lie in memory, where a filter cannot look: the C library then
/// calls their older forms.</param>
/// <param name="Opens">Opening by name: the number, and which argument holds the flags.</param>
/// <param name="StartThread">Starts a thread or a process.</param>
/// <param name="Signals">Their first argument is a process: kill, tgkill.</param>
/// <param name="DeviceControl">ioctl.</param>
/// <param name="Seccomp">Sets a filter.</param>
internal sealed record SystemCallNumbers(
    uint AuditArchitecture, int[] Denied, int[] Missing, (int Number, int FlagsArgument)[] Opens, int StartThread, int[] Signals,
    int DeviceControl, int Seccomp)
{
    public const int LandlockCreateRuleset = 444, LandlockRestrictSelf = 446;

    // The same for every architecture: pidfd_send_signal, io_uring_setup (its requests pass by every filter), open_tree, move_mount,
    // fsopen, pidfd_getfd, fchmodat2, setxattrat, removexattrat.
    private static readonly int[] s_denied = [424, 425, 428, 429, 430, 438, 452, 463, 466];

    // clone3, openat2.
    private static readonly int[] s_missing = [435, 437];

    /// <summary>Null where this program does not know the numbers: another architecture.</summary>
    public static SystemCallNumbers? Here => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => null,
    };

    private static SystemCallNumbers X64 => new(
        0xC000003E,
        [
            // Network: socket, connect, accept, sendto, sendmsg, bind, listen, socketpair, accept4, sendmmsg.
            41, 42, 43, 44, 46, 49, 50, 53, 288, 307,
            // Processes: fork, vfork, execve, ptrace, rt_sigqueueinfo, rt_tgsigqueueinfo, process_vm_readv, process_vm_writev, execveat.
            57, 58, 59, 101, 129, 297, 310, 311, 322,
            // Files: truncate, rename, mkdir, rmdir, creat, link, unlink, symlink, chmod, fchmod, chown, fchown, lchown, utime, mknod.
            76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 132, 133,
            // setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr, utimes, mkdirat, mknodat, fchownat, futimesat,
            // unlinkat, renameat, linkat, symlinkat, fchmodat, utimensat, renameat2, open_by_handle_at.
            188, 189, 190, 197, 198, 199, 235, 258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316, 304,
            // Shared places: shmget, semget, msgget, mq_open, mq_unlink, add_key, request_key, keyctl.
            29, 64, 68, 240, 241, 248, 249, 250,
            // The system: pivot_root, chroot, mount, umount2, swapon, swapoff, reboot, sethostname, init_module, delete_module, kexec_load,
            // unshare, setns, finit_module, perf_event_open, bpf, userfaultfd.
            155, 161, 165, 166, 167, 168, 169, 170, 175, 176, 246, 272, 308, 313, 298, 321, 323,
            .. s_denied,
        ],
        s_missing,
        [(2, 1), (257, 2)],
        56,
        [62, 234],
        16,
        317);

    private static SystemCallNumbers Arm64 => new(
        0xC00000B7,
        [
            // Network: socket, socketpair, bind, listen, accept, connect, sendto, sendmsg, accept4, sendmmsg.
            198, 199, 200, 201, 202, 203, 206, 211, 242, 269,
            // Processes: ptrace, rt_sigqueueinfo, execve, rt_tgsigqueueinfo, process_vm_readv, process_vm_writev, execveat.
            117, 138, 221, 240, 270, 271, 281,
            // Files: the xattrs, mknodat, mkdirat, unlinkat, symlinkat, linkat, renameat, truncate, fchmod, fchmodat, fchownat, fchown,
            // utimensat, open_by_handle_at, renameat2.
            5, 6, 7, 14, 15, 16, 33, 34, 35, 36, 37, 38, 45, 52, 53, 54, 55, 88, 265, 276,
            // Shared places: mq_open, mq_unlink, msgget, semget, shmget, add_key, request_key, keyctl.
            180, 181, 186, 190, 194, 217, 218, 219,
            // The system: umount2, mount, pivot_root, chroot, unshare, kexec_load, init_module, delete_module, reboot, sethostname, swapon,
            // swapoff, perf_event_open, setns, finit_module, bpf, userfaultfd.
            39, 40, 41, 51, 97, 104, 105, 106, 142, 161, 224, 225, 241, 268, 273, 280, 282,
            .. s_denied,
        ],
        s_missing,
        [(56, 2)],
        220,
        [129, 131],
        29,
        277);
}
