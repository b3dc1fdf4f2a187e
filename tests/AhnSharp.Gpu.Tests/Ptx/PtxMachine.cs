using System;
using System.Linq;

namespace AhnSharp.Gpu.Tests.Ptx;

/// <summary>
/// Runs a kernel as it was compiled, thread by thread between barriers and products of matrix units: what the simulation, which runs the C#
/// beside the instructions, cannot see is what ILGPU made of it.
/// </summary>
/// <remarks>
/// Groups run one after another. It knows the instructions that <see cref="Cuda.Kernels.BatchProduct"/> becomes. Source: NVIDIA, Parallel
/// Thread Execution ISA 8.8.
/// </remarks>
internal sealed class PtxMachine(PtxProgram program, int memoryBytes)
{
    private const int Lanes = 32;
    private readonly byte[] _memory = new byte[memoryBytes];
    private readonly byte[] _shared = new byte[program.SharedBytes];
    private readonly byte[] _parameters = new byte[program.ParameterBytes];
    private int _used = 4096;

    /// <summary>Takes memory.</summary>
    public ulong Allocate(int bytes)
    {
        _used = (_used + 255) / 256 * 256;
        ulong address = (ulong)_used;
        _used += bytes;
        return address;
    }

    /// <summary>Memory at an address.</summary>
    public Span<byte> At(ulong address, int bytes) => address >= PtxProgram.SharedBase
        ? _shared.AsSpan((int)(address - PtxProgram.SharedBase), bytes) : _memory.AsSpan((int)address, bytes);

    /// <summary>Sets eight bytes of a parameter.</summary>
    public void SetAddress(int parameter, int offset, ulong value) =>
        BitConverter.TryWriteBytes(_parameters.AsSpan(program.Parameters[parameter].Offset + offset), value);

    /// <summary>Sets four bytes of a parameter.</summary>
    public void SetInteger(int parameter, int offset, int value) =>
        BitConverter.TryWriteBytes(_parameters.AsSpan(program.Parameters[parameter].Offset + offset), value);

    /// <summary>Runs the kernel.</summary>
    /// <param name="groups">Groups of threads.</param>
    /// <param name="threads">Threads of a group, in whole warps.</param>
    public void Run(int groups, int threads)
    {
        for (int group = 0; group < groups; group++)
        {
            Array.Clear(_shared);
            PtxThread[] all = [.. Enumerable.Range(0, threads).Select(_ => new PtxThread(program.RegisterCount))];
            for (int i = 0; i < threads; i++)
            {
                all[i].Registers[program.RegisterOf("%tid.x")] = (ulong)i;
                all[i].Registers[program.RegisterOf("%ctaid.x")] = (ulong)group;
                all[i].Registers[program.RegisterOf("%nctaid.x")] = (ulong)groups;
            }
            RunGroup(all);
        }
    }

    private void RunGroup(PtxThread[] threads)
    {
        while (true)
        {
            foreach (PtxThread thread in threads) RunAlone(thread);
            if (Array.TrueForAll(threads, static thread => thread.HasEnded)) return;
            bool multiplied = false;
            foreach (PtxThread[] warp in threads.Chunk(Lanes))
            {
                if (warp[0].HasEnded || !IsProduct(program.Instructions[warp[0].Next])) continue;
                Together(warp);
                PtxMath.Multiply(warp, program.Instructions[warp[0].Next]);
                foreach (PtxThread lane in warp) lane.Next++;
                multiplied = true;
            }
            if (multiplied) continue;
            Together(threads);
            foreach (PtxThread thread in threads) thread.Next++;
        }
    }

    private static void Together(PtxThread[] threads)
    {
        if (!Array.TrueForAll(threads, thread => !thread.HasEnded && thread.Next == threads[0].Next))
            throw new InvalidOperationException("Expected threads that wait at one instruction together, found them apart.");
    }

    private static bool IsProduct(PtxInstruction instruction) => instruction.Opcode.StartsWith("mma.sync", StringComparison.Ordinal);

    private void RunAlone(PtxThread thread)
    {
        while (!thread.HasEnded)
        {
            PtxInstruction instruction = program.Instructions[thread.Next];
            if (IsProduct(instruction) || instruction.Opcode == "bar.sync") return;
            thread.Next++;
            if (instruction.Predicate >= 0 && (thread.Registers[instruction.Predicate] != 0) == instruction.Negated) continue;
            if (instruction.Opcode == "bra") thread.Next = program.Labels[instruction.Symbol!];
            else if (instruction.Opcode == "ret") thread.HasEnded = true;
            else if (!Move(thread, instruction)) thread.Registers[instruction.Operands[0].Register] = PtxMath.Compute(thread, instruction);
        }
    }

    // Loads, stores, copies and what orders them; false: something else.
    private bool Move(PtxThread thread, PtxInstruction instruction)
    {
        PtxOperand[] operands = instruction.Operands;
        switch (instruction.Opcode)
        {
            case "cp.async.commit_group" or "cp.async.wait_group" or "membar.gl":
                return true;
            case "cp.async":
                At(thread.Value(operands[1]), 16).CopyTo(At(thread.Value(operands[0]), 16));
                return true;
            case "ld.param.b32" or "ld.param.b64":
                int at = program.Parameters.First(parameter => parameter.Name == instruction.Symbol).Offset + instruction.Offset;
                thread.Registers[operands[0].Register] = instruction.Opcode == "ld.param.b32"
                    ? BitConverter.ToUInt32(_parameters, at) : BitConverter.ToUInt64(_parameters, at);
                return true;
            case "atom.add.global.u32":
                Span<byte> cell = At(thread.Value(operands[1]), 4);
                uint before = BitConverter.ToUInt32(cell);
                BitConverter.TryWriteBytes(cell, before + (uint)thread.Value(operands[2]));
                thread.Registers[operands[0].Register] = before;
                return true;
            case ['l', 'd', '.', ..]:
                ulong from = thread.Value(operands[^1]) + (ulong)instruction.Offset;
                bool isHalf = instruction.Opcode.EndsWith(".b16", StringComparison.Ordinal);
                for (int i = 0; i < operands.Length - 1; i++)
                {
                    Span<byte> word = At(from + (ulong)(4 * i), isHalf ? 2 : 4);
                    thread.Registers[operands[i].Register] = isHalf ? BitConverter.ToUInt16(word) : BitConverter.ToUInt32(word);
                }
                return true;
            case ['s', 't', '.', ..]:
                ulong to = thread.Value(operands[0]) + (ulong)instruction.Offset;
                for (int i = 1; i < operands.Length; i++)
                    BitConverter.TryWriteBytes(At(to + (ulong)(4 * (i - 1)), 4), (uint)thread.Value(operands[i]));
                return true;
            default:
                return false;
        }
    }
}

/// <summary>A thread of a kernel.</summary>
internal sealed class PtxThread(int registers)
{
    public ulong[] Registers { get; } = new ulong[registers];

    /// <summary>The instruction that comes next.</summary>
    public int Next { get; set; }

    public bool HasEnded { get; set; }

    public ulong Value(PtxOperand operand) => operand.IsRegister ? Registers[operand.Register] : operand.Value;
}
