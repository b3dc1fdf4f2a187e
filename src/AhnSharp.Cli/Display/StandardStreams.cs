using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace AhnSharp.Cli.Display;

/// <summary>Standard input, output and error as they were handed over: closed ones are noticed, and so is a reader that has gone.</summary>
/// <remarks>
/// A process that is started with standard input closed gets that number for the first file that the runtime opens, and a read would
/// wait for ever on a pipe of the runtime's own. What was handed over is never marked to be closed by exec, and what the runtime opens
/// always is: that tells them apart. .NET's console swallows EPIPE, so that a run whose reader has left would compute to its end: on
/// Unix the bytes are written here.
/// </remarks>
internal static partial class StandardStreams
{
    private const int Input = 0, Output = 1, Error = 2;
    private const int GetDescriptorFlags = 1, CloseOnExec = 1;   // F_GETFD, FD_CLOEXEC
    private static readonly bool s_isInputClosed = IsClosed(Input);

    /// <summary>Prepares the console, before anything is written. Bytes are UTF-8 without a mark.</summary>
    /// <exception cref="IOException">Standard output is closed.</exception>
    internal static void Prepare()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        if (OperatingSystem.IsWindows()) return;
        bool isOutputClosed = IsClosed(Output);
        if (IsClosed(Error)) Console.SetError(TextWriter.Null);
        if (s_isInputClosed) Console.SetIn(TextReader.Null);
        Console.SetOut(isOutputClosed ? TextWriter.Null : new StreamWriter(new PipeStream(Output), utf8) { AutoFlush = true });
        if (isOutputClosed)
        {
            throw new IOException(
                "standard output is closed, and what is asked for is written there: redirect it to a file, or to /dev/null.");
        }
    }

    /// <summary>Standard input; empty where it was closed.</summary>
    internal static Stream OpenInput() => s_isInputClosed ? Stream.Null : Console.OpenStandardInput();

    /// <summary>
    /// The two pipes of a process that reads a document for another: output carries the answer, and nothing that a library may want to say.
    /// </summary>
    internal static (Stream Input, Stream Output) OpenForReader()
    {
        (Stream, Stream) streams = (Console.OpenStandardInput(), Console.OpenStandardOutput());
        Console.SetOut(TextWriter.Null);
        return streams;
    }

    /// <summary>Whether whoever read the standard output has left. Regular files, terminals and devices always read.</summary>
    internal static bool HasReaderLeft()
    {
        if (OperatingSystem.IsWindows()) return false;
        PollRequest request = new() { Descriptor = Output };
        return Poll(ref request, 1, 0) > 0 && (request.Found & (ErrorFound | HangUpFound)) != 0;
    }

    private static bool IsClosed(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return false;
        int flags = Control(descriptor, GetDescriptorFlags);
        return flags < 0 || (flags & CloseOnExec) != 0;
    }

    private const short ErrorFound = 8, HangUpFound = 16;        // POLLERR, POLLHUP

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Asked, Found;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ref byte bytes, nuint count);

    // Writes where the descriptor stands, as the console does: a file's position is shared with who else writes to it (2>&1).
    private sealed class PipeStream(int descriptor) : Stream
    {
        private const int Interrupted = 4, TryAgainLinux = 11, TryAgainMac = 35, BrokenPipe = 32;
        private const short MayWrite = 4;                        // POLLOUT
        private bool _isBroken;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // What is printed while everything unwinds is of no use to anybody.
            while (buffer.Length > 0 && !_isBroken)
            {
                nint written = StandardStreams.Write(descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                    continue;
                }
                int error = Marshal.GetLastPInvokeError();
                if (error == Interrupted) continue;
                if (error is TryAgainLinux or TryAgainMac)
                {
                    PollRequest request = new() { Descriptor = descriptor, Asked = MayWrite };
                    _ = Poll(ref request, 1, 1000);
                    continue;
                }
                _isBroken = true;
                throw error == BrokenPipe ? new ReaderLeftException() : new IOException(
                    $"standard output: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
