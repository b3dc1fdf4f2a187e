using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Kernels.Int8;

namespace AhnSharp.Kernels;

/// <summary>An int8 form of <see cref="Activations"/>; the layout stands in <see cref="ActivationBlock"/>.</summary>
/// <remarks>
/// q = round(x · 127 / max|x|) of its block, scale = max|x| / 127 (63 in the form Sevens32). Token blocks lie one after another, so what
/// belongs to the block that begins at token t begins at t · (bytes per token). Packing is parallel over token blocks.
/// </remarks>
// The buffer frees itself when the activations are forgotten; a Dispose here would have to go through every layer.
#pragma warning disable CA1001
internal sealed class PackedActivations(ActivationForm form) : IWork
#pragma warning restore CA1001
{
    private readonly int _scaleLength = form == ActivationForm.Bytes256 ? 256 : 32;
    private readonly int _offsetLength = form == ActivationForm.Bytes256 ? 16 : 32;
    private readonly int _sumLength = form == ActivationForm.Bytes256 ? 64 : 32;
    private readonly int _limit = form == ActivationForm.Sevens32 ? 63 : 127;
    private Activations? _source;
    private NativeBuffer? _buffer;
    private bool _made;
    private int _rows;
    private int _columns;
    private long _valueBytes;
    private long _scalesAt;
    private long _offsetsAt;
    private long _sumsAt;

    // And sums.
    private bool HasOffsets => form is ActivationForm.Bytes32 or ActivationForm.Bytes256;

    /// <summary>Bytes held now.</summary>
    public long ByteLength => _buffer?.ByteLength ?? 0;

    /// <summary>Marks the form as out of date.</summary>
    public void Forget() => _made = false;

    /// <summary>Makes the form of <paramref name="source"/> unless it is there.</summary>
    public void Pack(Activations source, Workers workers)
    {
        if (_made) return;
        Debug.Assert(source.Columns % _scaleLength == 0);
        _rows = source.Rows;
        _columns = source.Columns;
        _valueBytes = form == ActivationForm.Words32 ? 2L * _columns : _columns;
        _scalesAt = Align(_valueBytes * _rows);
        _offsetsAt = Align(_scalesAt + (sizeof(float) * (long)(_columns / _scaleLength) * _rows));
        _sumsAt = Align(_offsetsAt + (!HasOffsets ? 0 : sizeof(int) * (long)(_columns / _offsetLength) * _rows));
        long bytes = Align(_sumsAt + (!HasOffsets ? 0 : sizeof(int) * (long)(_columns / _sumLength) * _rows));
        if (_buffer is null || _buffer.ByteLength < bytes)
        {
            _buffer?.Dispose();
            _buffer = new NativeBuffer(bytes);
        }
        _source = source;
        workers.Run(this, (_rows / 4) + (_rows % 4));
        _source = null;
        _made = true;
    }

    /// <summary>What a kernel reads of the token block that begins at <paramref name="token"/>.</summary>
    public ActivationBlock Block(int token)
    {
        Debug.Assert(_made);
        return BlockAt(token);
    }

    /// <summary>What the form holds of <paramref name="token"/>: scale · q, for the oracle of the checks.</summary>
    public void Dequantize(int token, Span<float> x)
    {
        Debug.Assert(_made && x.Length == _columns);
        int first = token < _rows / 4 * 4 ? token / 4 * 4 : token;
        int tokens = first < _rows / 4 * 4 ? 4 : 1, t = token - first;
        ActivationBlock block = Block(first);
        for (int k = 0; k < x.Length; k++)
        {
            int word = form == ActivationForm.Words32 ? (k / 4 * 2) + (k % 2) : k / 4;
            int at = sizeof(int) * ((word * tokens) + t);
            int q = form == ActivationForm.Words32
                ? Unsafe.ReadUnaligned<short>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in block.Values), at + (k / 2 % 2 * sizeof(short))))
                : (sbyte)Unsafe.AddByteOffset(ref Unsafe.AsRef(in block.Values), at + (k % 4));
            if (form == ActivationForm.Sevens32) q -= ActivationBlock.SevensOffset;
            x[k] = Unsafe.Add(ref Unsafe.AsRef(in block.Scales), (k / _scaleLength * tokens) + t) * q;
        }
    }

    /// <summary>Packs one token block.</summary>
    [SkipLocalsInit]
    public void Run(int item, int worker)
    {
        int blocksOf4 = _rows / 4;
        int first = item < blocksOf4 ? 4 * item : (4 * blocksOf4) + (item - blocksOf4);
        int tokens = item < blocksOf4 ? 4 : 1;
        Span<int> q = stackalloc int[4 * Int8Quantizer.Piece / sizeof(int)];
        ref int q0 = ref MemoryMarshal.GetReference(q);
        ref sbyte bytes = ref Unsafe.As<int, sbyte>(ref q0);
        ActivationBlock block = BlockAt(first);
        ref int words = ref Unsafe.As<byte, int>(ref Unsafe.AsRef(in block.Values));
        ref int offsets = ref Unsafe.As<byte, int>(ref Unsafe.AsRef(in block.Offsets));
        ref int sums = ref Unsafe.As<byte, int>(ref Unsafe.AsRef(in block.Sums));
        ref float scales = ref Unsafe.AsRef(in block.Scales);
        for (int from = 0; from < _columns; from += Int8Quantizer.Piece)
        {
            int length = Math.Min(Int8Quantizer.Piece, _columns - from), groups = length / 4, firstWord = from / 4 * tokens;
            for (int t = 0; t < tokens; t++)
            {
                ReadOnlySpan<float> x = _source!.Row(first + t).Slice(from, length);
                for (int at = 0; at < length; at += _scaleLength)
                {
                    Unsafe.Add(ref scales, ((from + at) / _scaleLength * tokens) + t) =
                        Int8Quantizer.Quantize(in x[at], _scaleLength, _limit, ref Unsafe.Add(ref bytes, (t * Int8Quantizer.Piece) + at));
                }
            }
            switch (form)
            {
                case ActivationForm.Words32:
                    Int8Quantizer.PackWords32(in q0, groups, tokens, ref Unsafe.Add(ref words, 2 * firstWord));
                    break;
                case ActivationForm.Sevens32:
                    Int8Quantizer.PackSevens32(in q0, groups, tokens, ref Unsafe.Add(ref words, firstWord));
                    break;
                case ActivationForm.Bytes32:
                    Int8Quantizer.PackBytes32(
                        in q0, groups, tokens, in Unsafe.Add(ref scales, firstWord / 8), ref Unsafe.Add(ref words, firstWord),
                        ref Unsafe.Add(ref offsets, firstWord / 8),
                        ref Unsafe.As<int, float>(ref Unsafe.Add(ref sums, firstWord / 8)));
                    break;
                default:
                    Int8Quantizer.PackBytes256(
                        in q0, groups, tokens, ref Unsafe.Add(ref words, firstWord), ref Unsafe.Add(ref offsets, firstWord / 4),
                        ref Unsafe.Add(ref sums, firstWord / 16));
                    break;
            }
        }
    }

    private ActivationBlock BlockAt(int token)
    {
        ActivationBlock block = default;
        block.Values = ref _buffer!.Ref<byte>(token * _valueBytes);
        block.Scales = ref _buffer.Ref<float>(_scalesAt + ((long)token * (_columns / _scaleLength) * sizeof(float)));
        if (!HasOffsets) return block;
        block.Offsets = ref _buffer.Ref<byte>(_offsetsAt + ((long)token * (_columns / _offsetLength) * sizeof(int)));
        block.Sums = ref _buffer.Ref<byte>(_sumsAt + ((long)token * (_columns / _sumLength) * sizeof(int)));
        return block;
    }

    private static long Align(long bytes) => (bytes + 63) & ~63L;
}
