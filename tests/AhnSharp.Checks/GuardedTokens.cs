using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Checks;

/// <summary>A copy of one block of packed activations, each of its parts ending at a guard page.</summary>
internal sealed class GuardedTokens : IDisposable
{
    private readonly GuardedBuffer _values;
    private readonly GuardedBuffer _scales;
    private readonly GuardedBuffer _offsets;
    private readonly GuardedBuffer _sums;

    public GuardedTokens(ActivationForm form, scoped in ActivationBlock block, int columns, int tokens)
    {
        bool words = form == ActivationForm.Words32, wide = form == ActivationForm.Bytes256,
            offsets = wide || form == ActivationForm.Bytes32;
        _values = Copy(in block.Values, tokens * columns * (words ? 2 : 1));
        _scales = Copy(in Unsafe.As<float, byte>(ref Unsafe.AsRef(in block.Scales)), tokens * columns / (wide ? 256 : 32) * sizeof(float));
        _offsets = Copy(in block.Offsets, !offsets ? 0 : tokens * columns / (wide ? 16 : 32) * sizeof(int));
        _sums = Copy(in block.Sums, !offsets ? 0 : tokens * columns / (wide ? 64 : 32) * sizeof(int));
    }

    public ActivationBlock Block
    {
        get
        {
            ActivationBlock block = default;
            block.Values = ref _values.Ref<byte>();
            block.Scales = ref _scales.Ref<float>();
            block.Offsets = ref _offsets.Ref<byte>();
            block.Sums = ref _sums.Ref<byte>();
            return block;
        }
    }

    public void Dispose()
    {
        _values.Dispose();
        _scales.Dispose();
        _offsets.Dispose();
        _sums.Dispose();
    }

    private static GuardedBuffer Copy(ref readonly byte first, int bytes) =>
        GuardedBuffer.Of(bytes == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(in first, bytes));
}
