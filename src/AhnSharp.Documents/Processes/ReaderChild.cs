using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace AhnSharp.Documents.Processes;

/// <summary>The reading process: gives up what it does not need, says that it is ready, reads one document, answers, ends.</summary>
internal static class ReaderChild
{
    private const int Done = 0, Broken = 3;

    // A parser that recurses in what it parses has the same room on every system, whose own threads have between 0.5 and 8 MB.
    private const int StackBytes = 16 << 20;

    /// <param name="parent">The process that asks, where the system can tell when it ends.</param>
    /// <param name="input">The request, and the document; its end is the end of who asked.</param>
    /// <param name="output">The answer.</param>
    /// <param name="read">Takes a document apart.</param>
    public static int Run(int parent, Stream input, Stream output, Func<string, byte[], DocumentLimits, Document> read)
    {
        // A terminal's Ctrl-C reaches both processes: what it means is said by the one that asked.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        if (!Restraint.Apply(parent)) return Broken;
        int exitCode = Broken;
        Thread reader = new(() => exitCode = Answer(input, output, read), StackBytes) { Name = "document" };
        reader.Start();
        reader.Join();
        return exitCode;
    }

    private static int Answer(Stream input, Stream output, Func<string, byte[], DocumentLimits, Document> read)
    {
        try
        {
            Frame.Write(output, FrameKind.Ready, []);
            output.Flush();
            if (RequestFrame.Read(input) is not { } request)
            {
                DocumentSandbox found = Restraint.Try();
                new PayloadWriter().Int(found.NoWriting ? 1 : 0)
                    .Int(found.NoNetwork ? 1 : 0).Int(found.NoPrograms ? 1 : 0).Int(found.LandlockVersion).Send(output, FrameKind.Probed);
                return Done;
            }
            Restraint.LimitTime(request.Limits.ReaderTime);
            (FrameKind kind, byte[] file) = Frame.Read(input, request.Limits.FileBytes);
            if (kind != FrameKind.File) return Broken;
            new Thread(() => EndWith(input)) { IsBackground = true, Name = "caller" }.Start();
            Read(output, request.Name, file, request.Limits, read);
            output.Flush();
            return Done;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // Who asked has gone, or writes what cannot be read: there is nobody to tell.
            return Broken;
        }
    }

    private static void Read(
        Stream output, string name, byte[] file, DocumentLimits limits, Func<string, byte[], DocumentLimits, Document> read)
    {
        Document document;
        try
        {
            document = read(name, file, limits);
        }
        catch (DocumentException e)
        {
            Frame.Write(output, FrameKind.Refused, new ReadOnlySpan<byte>(System.Text.Encoding.UTF8.GetBytes(e.Message)));
            return;
        }
        catch (OutOfMemoryException)
        {
            Frame.Write(output, FrameKind.OutOfMemory, []);
            return;
        }
#pragma warning disable CA1031 // Whatever a parser throws at a broken file is told in one place: by the process that asked.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Frame.Write(output, FrameKind.Fault, System.Text.Encoding.UTF8.GetBytes($"{e.GetType().Name}: {e.Message}"));
            return;
        }
        DocumentFrames.Write(output, document);
    }

    // Nothing more is written on the pipe: reading from it returns when who asked has closed it, or is no more.
    private static void EndWith(Stream input)
    {
        try
        {
            while (input.ReadByte() >= 0)
            {
            }
        }
        catch (IOException)
        {
        }
        Process.GetCurrentProcess().Kill();
    }
}
