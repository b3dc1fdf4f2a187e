using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// What a reader writes to its standard error: the beginning is kept, since the runtime says there why it ends, and the rest is let go.
/// </summary>
internal sealed class ReaderErrors
{
    private const int Kept = 4096;
    private readonly byte[] _text = new byte[Kept];
    private int _length;
    private readonly Task _reading;

    public ReaderErrors(Stream errors) =>
        _reading = Task.Factory.StartNew(
            () => Read(errors), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public string Text(TimeSpan patience)
    {
        _reading.Wait(patience);
        lock (_text) return Encoding.UTF8.GetString(_text.AsSpan(0, _length));
    }

    private void Read(Stream errors)
    {
        byte[] buffer = new byte[Kept];
        try
        {
            for (int count; (count = errors.Read(buffer)) > 0;)
            {
                lock (_text)
                {
                    int kept = Math.Min(count, Kept - _length);
                    buffer.AsSpan(0, kept).CopyTo(_text.AsSpan(_length));
                    _length += kept;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }
    }
}
