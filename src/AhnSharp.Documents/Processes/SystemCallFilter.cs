using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// A seccomp filter for a process that only computes: no network, no writing, no other programs, for all its threads and for good.
/// </summary>
/// <remarks>
/// It names what is denied, not what is allowed: the runtime of .NET goes on compiling, collecting and starting threads in it, with
/// calls that differ from version to version. What it denies answers EPERM, so a library that tries gets an error it knows. Source:
/// seccomp(2), linux/bpf_common.h.
/// </remarks>
internal static unsafe class SystemCallFilter
{
    private const ushort LoadWord = 0x20, JumpEqual = 0x15, JumpAtLeast = 0x35, JumpAnySet = 0x45, Return = 0x06;
    private const uint Allow = 0x7FFF0000, KillProcess = 0x80000000, NotPermitted = 0x00050000 | 1, NotImplemented = 0x00050000 | 38;

    // Of struct seccomp_data; an argument is 8 bytes, its lower half first.
    private const uint NumberAt = 0, ArchitectureAt = 4, ArgumentsAt = 16;

    // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, and the bit of O_TMPFILE that is its own: the same on x64 and arm64.
    private const uint WritingFlags = 0x1 | 0x2 | 0x40 | 0x200 | 0x400 | 0x400000;

    private const uint CloneThread = 0x10000;

    // TIOCSTI and TIOCLINUX write into a terminal as if somebody typed.
    private static readonly uint[] s_deniedControls = [0x5412, 0x541C];

    // x64: calls of the x32 kind have this bit and pass by the numbers of the table.
    private const uint X32Bit = 0x40000000;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Instruction
    {
        public ushort Code;
        public byte IfTrue, IfFalse;
        public uint Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }

    /// <summary>Sets the filter. False where the kernel has none or this architecture is not known.</summary>
    public static bool Apply()
    {
        const int SetNoNewPrivileges = 38, FilterMode = 1, AllThreads = 1;
        if (SystemCallNumbers.Here is not { } numbers) return false;
        if (UnixCalls.ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) != 0) return false;
        Instruction[] code = Write(numbers, (uint)Environment.ProcessId);
        fixed (Instruction* first = code)
        {
            Program program = new() { Length = (ushort)code.Length, Instructions = first };
            return UnixCalls.SystemCall(numbers.Seccomp, FilterMode, AllThreads, (nint)(&program), 0) == 0;
        }
    }

    internal static Instruction[] Write(SystemCallNumbers numbers, uint processId)
    {
        List<Instruction> code = [];
        Load(ArchitectureAt);
        Add(JumpEqual, numbers.AuditArchitecture, 1, 0);
        Add(Return, KillProcess);
        Load(NumberAt);
        Add(JumpAtLeast, X32Bit, 0, 1);
        Add(Return, NotPermitted);
        foreach (int number in numbers.Denied) Answer(number, NotPermitted);
        foreach (int number in numbers.Missing) Answer(number, NotImplemented);
        foreach ((int number, int argument) in numbers.Opens)
        {
            Add(JumpEqual, (uint)number, 0, 4);
            Load(Argument(argument));
            Add(JumpAnySet, WritingFlags, 0, 1);
            Add(Return, NotPermitted);
            Add(Return, Allow);
        }
        Add(JumpEqual, (uint)numbers.StartThread, 0, 4);
        Load(Argument(0));
        Add(JumpAnySet, CloneThread, 1, 0);
        Add(Return, NotPermitted);
        Add(Return, Allow);
        foreach (int number in numbers.Signals)
        {
            Add(JumpEqual, (uint)number, 0, 4);
            Load(Argument(0));
            Add(JumpEqual, processId, 1, 0);
            Add(Return, NotPermitted);
            Add(Return, Allow);
        }
        Add(JumpEqual, (uint)numbers.DeviceControl, 0, 4);
        Load(Argument(1));
        Add(JumpEqual, s_deniedControls[0], 1, 0);
        Add(JumpEqual, s_deniedControls[1], 0, 1);
        Add(Return, NotPermitted);
        Add(Return, Allow);
        return [.. code];

        static uint Argument(int index) => ArgumentsAt + 8 * (uint)index;

        void Add(ushort operation, uint value, byte ifTrue = 0, byte ifFalse = 0) =>
            code.Add(new Instruction { Code = operation, Value = value, IfTrue = ifTrue, IfFalse = ifFalse });

        void Load(uint at) => Add(LoadWord, at);

        void Answer(int number, uint answer)
        {
            Add(JumpEqual, (uint)number, 0, 1);
            Add(Return, answer);
        }
    }
}
