using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// One document in a process of its own, from the side that asks: starts it, hands the bytes over, watches it, believes nothing.
/// </summary>
/// <remarks>
/// The thread that calls starts the process and stays until it has ended: Linux ends a child when the very thread that started it does.
/// Three more threads carry bytes: to its input, from its output, from its errors.
/// </remarks>
internal sealed class ReaderProcess : IDisposable
{
    // Often enough that a cancelled reading ends at once and that one that takes 2 GB/s is not far over its limit.
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Process _process;
    private readonly ReaderErrors _errors;
    private Task _writing = Task.CompletedTask;
    private Task _answering = Task.CompletedTask;

    private ReaderProcess(Process process)
    {
        _process = process;
        _errors = new ReaderErrors(process.StandardError.BaseStream);
    }

    /// <summary>
    /// Reads a document as <see cref="DocumentReader.ReadHere"/> does, in a process that <paramref name="command"/> starts.
    /// </summary>
    /// <exception cref="DocumentException">It cannot be read, or a limit has ended the process that read it.</exception>
    public static Document Read(
        ReaderCommand command, string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using ReaderProcess reader = Start(command, name, checked(limits.ReaderMemoryBytes + 2L * bytes.Length));
        ReaderWatch watch = new(reader._process, limits, bytes.Length);
        return reader.Await(name, watch, reader.ReadAnswer(name, bytes, limits, watch), cancellationToken);
    }

    /// <summary>What a reading process is kept from.</summary>
    public static DocumentSandbox Probe(ReaderCommand command)
    {
        const string Name = "ahn";
        DocumentLimits limits = new();
        using ReaderProcess reader = Start(command, Name, limits.ReaderMemoryBytes);
        ReaderWatch watch = new(reader._process, limits, 0);
        return reader.Await(Name, watch, () =>
        {
            reader.AwaitReady(watch);
            Frame.Write(reader._process.StandardInput.BaseStream, FrameKind.Probe, []);
            reader._process.StandardInput.BaseStream.Flush();
            (FrameKind kind, byte[] answer) = Frame.Read(reader._process.StandardOutput.BaseStream, 1024);
            if (kind != FrameKind.Probed) throw new InvalidDataException("an unexpected frame");
            Payload fields = new(answer);
            return new DocumentSandbox(fields.Int() == 1, fields.Int() == 1, fields.Int() == 1, fields.Int());
        }, default);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static ReaderProcess Start(ReaderCommand command, string name, long heapBytes)
    {
        try
        {
            return new ReaderProcess(Process.Start(command.ToStart(heapBytes))!);
        }
        catch (Exception e) when (e is Win32Exception or IOException or PlatformNotSupportedException)
        {
            throw new DocumentException(
                name, $"the program that reads documents, {command.FileName}, could not be started ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private Func<Document> ReadAnswer(string name, byte[] bytes, DocumentLimits limits, ReaderWatch watch) => () =>
    {
        AwaitReady(watch);
        _writing = Task.Factory.StartNew(
            () => Send(name, bytes, limits), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Stream output = _process.StandardOutput.BaseStream;
        (FrameKind kind, byte[] payload) = Frame.Read(output, limits.ReaderTextBytes);
        return kind switch
        {
            FrameKind.Head => DocumentFrames.Read(name, payload, output, limits.ReaderTextBytes - payload.Length),
            FrameKind.Refused => throw ReaderEnd.Refused(name, payload),
            FrameKind.Fault => throw ReaderEnd.Fault(name, payload),
            FrameKind.OutOfMemory => throw ReaderEnd.Memory(name, limits),
            _ => throw new InvalidDataException("an unexpected frame"),
        };
    };

    private void AwaitReady(ReaderWatch watch)
    {
        (FrameKind kind, _) = Frame.Read(_process.StandardOutput.BaseStream, 0);
        if (kind != FrameKind.Ready) throw new InvalidDataException("an unexpected frame");
        watch.Begin();
    }

    // A reader that does not want its document has its reasons, and tells them on the other pipe.
    private void Send(string name, byte[] bytes, DocumentLimits limits)
    {
        try
        {
            Stream input = _process.StandardInput.BaseStream;
            RequestFrame.Write(input, name, limits);
            Frame.Write(input, FrameKind.File, bytes);
            input.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }
    }

    private T Await<T>(string name, ReaderWatch watch, Func<T> answer, CancellationToken cancellationToken)
    {
        Task<T> answering = Task.Factory.StartNew(answer, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _answering = answering;
        IAsyncResult waited = answering;
        WaitHandle[] handles = [waited.AsyncWaitHandle, cancellationToken.WaitHandle];
        DocumentException? stopped = null;
        while (WaitHandle.WaitAny(handles, s_watch) is var which && which != 0)
        {
            if (which == 1 || (stopped = watch.Breach(name)) is not null) break;
        }
        if (answering.IsCompletedSuccessfully) return answering.Result;
        if (cancellationToken.IsCancellationRequested || stopped is not null)
        {
            Kill();
            cancellationToken.ThrowIfCancellationRequested();
            throw stopped!;
        }
        Exception failure = answering.Exception!.InnerException!;
        if (failure is DocumentException) throw failure;
        // The pipe has ended: so will the process, or it is made to.
        bool hasEnded = failure is EndOfStreamException && _process.WaitForExit(s_patience);
        bool isOver = watch.Breach(name) is not null;
        Kill();
        throw failure is FrameTooLongException
            ? ReaderEnd.TooMuchText(name, watch.Limits)
            : failure is EndOfStreamException or IOException && hasEnded && !isOver
                ? ReaderEnd.Of(name, watch.Limits, _process.ExitCode, _errors.Text(s_patience), watch.HasBegun)
                : ReaderEnd.Nonsense(name, failure);
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
        _process.WaitForExit(s_patience);
        // With the process its pipes end, and so do those who wait at them.
        Task.WhenAny(Task.WhenAll(_writing, _answering), Task.Delay(s_patience)).Wait();
        _ = _answering.Exception;
    }
}
