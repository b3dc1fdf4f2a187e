using System;
using System.Buffers.Binary;

namespace AhnSharp.Gguf;

/// <summary>
/// What SHA-1 and SHA-256 (FIPS 180-4) have in common: blocks of 64 bytes, big-endian words, the length in bits at the end.
/// </summary>
/// <remarks>
/// In managed code, because the platform's own calls OpenSSL on Linux, and a process on a machine without it (small containers, boards) is
/// aborted, not refused. SHA-256 runs at 180 MB/s on one core of an AMD EPYC of the Zen 4 kind, where OpenSSL reaches 1,500.
/// </remarks>
internal abstract class BlockHash
{
    private const int BlockBytes = 64;
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly uint[] _state;
    private ulong _length;

    /// <param name="state">The words that a hash begins with; the array becomes the hash's own.</param>
    protected BlockHash(uint[] state) => _state = state;

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int at = (int)(_length % BlockBytes), count = Math.Min(BlockBytes - at, bytes.Length);
            bytes[..count].CopyTo(_block.AsSpan(at));
            bytes = bytes[count..];
            _length += (ulong)count;
            if (_length % BlockBytes == 0) Compress(_block, _state);
        }
    }

    /// <summary>The hash, 4 bytes a word of the state; nothing can be added after.</summary>
    public byte[] Finish()
    {
        ulong bits = _length * 8;
        Append([0x80]);
        while (_length % BlockBytes != BlockBytes - sizeof(ulong)) Append([0]);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(length, bits);
        Append(length);
        byte[] hash = new byte[_state.Length * sizeof(uint)];
        for (int i = 0; i < _state.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), _state[i]);
        return hash;
    }

    /// <summary>Folds one block of 64 bytes into the state.</summary>
    protected abstract void Compress(ReadOnlySpan<byte> block, Span<uint> state);
}
