using System;
using System.IO;
using System.Threading;

namespace AhnSharp.Gguf;

/// <summary>What a tensor's bytes are written into: counts them, and refuses one more or one less than declared.</summary>
internal sealed class GgufTensorStream(Stream target, string tensor, long expected, Action<long> report, CancellationToken ct) : Stream
{
    private const long ReportEvery = 1 << 20;
    private long _written;
    private long _reported;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public void CheckWhole()
    {
        if (_written != expected)
            throw new InvalidOperationException($"{tensor}: expected {expected} bytes to be written, found {_written}.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ct.ThrowIfCancellationRequested();
        if (buffer.Length > expected - _written)
        {
            throw new InvalidOperationException(
                $"{tensor}: expected {expected} bytes to be written, found at least {_written + buffer.Length}.");
        }
        target.Write(buffer);
        _written += buffer.Length;
        if (_written - _reported < ReportEvery && _written < expected) return;
        _reported = _written;
        report(_written);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
