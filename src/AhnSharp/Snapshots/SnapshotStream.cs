using System;
using System.IO;

namespace AhnSharp.Snapshots;

/// <summary>
/// The bytes of a snapshot from its first, in a file or any stream; a stream that cannot seek is read front to back once.
/// </summary>
internal sealed class SnapshotStream : IDisposable
{
    private readonly Stream _stream;
    private readonly bool _owned;
    private readonly long _start;

    public SnapshotStream(Stream stream, string name, bool owned)
    {
        (_stream, Name, _owned) = (stream, name, owned);
        CanRewind = stream.CanSeek;
        if (!CanRewind) return;
        _start = stream.Position;
        ByteLength = stream.Length - _start;
    }

    /// <summary>The path, or what sentences call a stream.</summary>
    public string Name { get; }

    /// <summary>Whether it is a file that was opened by its path.</summary>
    public bool IsFile => _owned;

    /// <summary>Bytes from the first to the end; null where the stream does not say.</summary>
    public long? ByteLength { get; }

    public bool CanRewind { get; }

    /// <summary>Bytes before the next one that is read.</summary>
    public long Position { get; private set; }

    public void MoveTo(long byteOffset)
    {
        if (Position == byteOffset) return;
        if (!CanRewind) throw new NotSupportedException($"{Name} can only be read front to back: open a copy that can seek.");
        _stream.Position = _start + byteOffset;
        Position = byteOffset;
    }

    /// <summary>Fills <paramref name="bytes"/>, or says in which part the stream ended.</summary>
    public void Read(Span<byte> bytes, string part)
    {
        while (!bytes.IsEmpty)
        {
            int read = _stream.Read(bytes);
            if (read == 0)
            {
                throw Fail($"{part}: expected {bytes.Length} more bytes at offset "
                    + $"{Position}, found the end; the snapshot is incomplete, copy or save it again");
            }
            bytes = bytes[read..];
            Position += read;
        }
    }

    public SnapshotException Fail(string sentence) => new($"{Name}: {sentence}.");

    public void Dispose()
    {
        if (_owned) _stream.Dispose();
    }
}
