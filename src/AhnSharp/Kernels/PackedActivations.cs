using System;
using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AhnSharp.Kernels;

/// <summary>An int8 form of <see cref="Activations"/>; the layout stands in <see cref="ActivationBlock"/>.</summary>
/// <remarks>
/// q = round(x · 127 / max|x|) of its block, scale = max|x| / 127. Token blocks lie one after another, so what belongs to the block
/// that begins at token t begins at t · (bytes a token). Packing is parallel over token blocks.
/// </remarks>
#pragma warning disable CA1001 // The buffer frees itself when the activations are forgotten; a Dispose here would have to go through every layer.
internal sealed class PackedActivations(ActivationForm form) : IWork
#pragma warning restore CA1001
{
    private const float SmallestMagnitude = 1e-30f; // below it 127 / max|x| could overflow; such a block is packed as 0
    private const float RoundingShift = 12582912f; // 1.5·2^23: adding it leaves the nearest integer in the low bits of a small f32
    private const int PieceLength = 256;
    private readonly int _scaleLength = form == ActivationForm.Bytes256 ? 256 : 32;
    private readonly int _offsetLength = form == ActivationForm.Bytes256 ? 16 : 32;
    private Activations? _source;
    private NativeBuffer? _buffer;
    private bool _made;
    private int _rows;
    private int _columns;
    private long _valueBytes;
    private long _scalesAt;
    private long _offsetsAt;
    private long _sumsAt;

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
        _sumsAt = Align(_offsetsAt + (form == ActivationForm.Words32 ? 0 : sizeof(int) * (long)(_columns / _offsetLength) * _rows));
        long bytes = Align(_sumsAt + (form == ActivationForm.Bytes256 ? sizeof(int) * (long)(_columns / 64) * _rows : 0));
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
        ActivationBlock block = default;
        block.Values = ref _buffer!.Ref<byte>(token * _valueBytes);
        block.Scales = ref _buffer.Ref<float>(_scalesAt + ((long)token * (_columns / _scaleLength) * sizeof(float)));
        if (form == ActivationForm.Words32) return block;
        block.Offsets = ref _buffer.Ref<byte>(_offsetsAt + ((long)token * (_columns / _offsetLength) * sizeof(int)));
        if (form == ActivationForm.Bytes256) block.Sums = ref _buffer.Ref<byte>(_sumsAt + ((long)token * (_columns / 64) * sizeof(int)));
        return block;
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
        Span<sbyte> q = stackalloc sbyte[PieceLength];
        Span<byte> values = _buffer!.Span<byte>(first * _valueBytes, (int)(tokens * _valueBytes));
        Span<float> scales = _buffer.Span<float>(_scalesAt + ((long)first * (_columns / _scaleLength) * sizeof(float)), tokens * (_columns / _scaleLength));
        Span<int> words = MemoryMarshal.Cast<byte, int>(values);
        for (int t = 0; t < tokens; t++)
        {
            ReadOnlySpan<float> x = _source!.Row(first + t);
            for (int from = 0; from < _columns; from += PieceLength)
            {
                int length = Math.Min(PieceLength, _columns - from);
                for (int at = 0; at < length; at += _scaleLength)
                {
                    scales[((from + at) / _scaleLength * tokens) + t] = Quantize(x.Slice(from + at, _scaleLength), q.Slice(at, _scaleLength));
                }
                WriteWords(q[..length], words, from / 4, tokens, t);
                if (form != ActivationForm.Words32) WriteSums(q[..length], first, from, tokens, t);
            }
        }
    }

    private static float Quantize(ReadOnlySpan<float> x, Span<sbyte> q)
    {
        float magnitude = Math.Abs(TensorPrimitives.MaxMagnitude(x));
        // Written so that NaN goes on to the scale, and shows in the product.
        float inverse = magnitude < SmallestMagnitude ? 0 : 127 / magnitude;
        ref readonly float x0 = ref MemoryMarshal.GetReference(x);
        Vector128<float> scale = Vector128.Create(inverse), shift = Vector128.Create(RoundingShift);
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
        {
            Vector128<int> a = ((Vector128.LoadUnsafe(in x0, i) * scale) + shift).AsInt32();
            Vector128<int> b = ((Vector128.LoadUnsafe(in x0, i + 4) * scale) + shift).AsInt32();
            Vector128<int> c = ((Vector128.LoadUnsafe(in x0, i + 8) * scale) + shift).AsInt32();
            Vector128<int> d = ((Vector128.LoadUnsafe(in x0, i + 12) * scale) + shift).AsInt32();
            Vector128.Narrow(Vector128.Narrow(a, b), Vector128.Narrow(c, d)).StoreUnsafe(ref q[0], i);
        }
        return magnitude < SmallestMagnitude ? 0 : magnitude / 127;
    }

    private void WriteWords(ReadOnlySpan<sbyte> q, Span<int> words, int firstGroup, int tokens, int t)
    {
        ReadOnlySpan<int> groups = MemoryMarshal.Cast<sbyte, int>(q);
        if (form != ActivationForm.Words32)
        {
            for (int g = 0; g < groups.Length; g++) words[((firstGroup + g) * tokens) + t] = groups[g];
            return;
        }
        for (int g = 0; g < groups.Length; g++)
        {
            int k = groups[g], word = ((firstGroup + g) * 2 * tokens) + t;
            words[word] = ((sbyte)k & 0xFFFF) | ((k << 8 >> 24) << 16);
            words[word + tokens] = ((k << 16 >> 24) & 0xFFFF) | ((k >> 24) << 16);
        }
    }

    private void WriteSums(ReadOnlySpan<sbyte> q, int first, int from, int tokens, int t)
    {
        Span<int> offsets = _buffer!.Span<int>(
            _offsetsAt + ((long)first * (_columns / _offsetLength) * sizeof(int)), tokens * (_columns / _offsetLength));
        if (form == ActivationForm.Bytes32)
        {
            for (int at = 0; at < q.Length; at += 32)
            {
                (int s01, int s23) = HalfSums(q.Slice(at, 16));
                (int u01, int u23) = HalfSums(q.Slice(at + 16, 16));
                offsets[((from + at) / 32 * tokens) + t] = Pair(-8 * (s01 + u01), -8 * (s23 + u23));
            }
            return;
        }
        Span<int> sums = _buffer.Span<int>(_sumsAt + ((long)first * (_columns / 64) * sizeof(int)), tokens * (_columns / 64));
        for (int at = 0; at < q.Length; at += 64)
        {
            int even = 0, odd = 0;
            for (int i = 0; i < 4; i++)
            {
                (int s01, int s23) = HalfSums(q.Slice(at + (16 * i), 16));
                offsets[(((from + at) / 16 + i) * tokens) + t] = Pair(-32 * s01, -32 * s23);
                if (i < 2) even += s01 + s23;
                else odd += s01 + s23;
            }
            sums[((from + at) / 64 * tokens) + t] = Pair(even, odd);
        }
    }

    // Of 16 numbers: the sum of those at k mod 4 in {0, 1}, and of the others.
    private static (int S01, int S23) HalfSums(ReadOnlySpan<sbyte> q)
    {
        Vector128<sbyte> bytes = Vector128.LoadUnsafe(in q[0]);
        Vector128<short> sums = Vector128.WidenLower(bytes) + Vector128.WidenUpper(bytes);
        Vector64<short> groups = sums.GetLower() + sums.GetUpper();
        return (groups[0] + groups[1], groups[2] + groups[3]);
    }

    private static int Pair(int low, int high) => (low & 0xFFFF) | (high << 16);

    private static long Align(long bytes) => (bytes + 63) & ~63L;
}
