using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Documents;
using AhnSharp.Documents.Processes;

namespace AhnSharp.Fuzz;

/// <summary>
/// Programs that take the place of the one that reads documents, and fail in one way each: what the caller makes of it is tested.
/// </summary>
internal static class BadHost
{
    public const string Verb = "bad-host";

    /// <param name="way">How it fails.</param>
    /// <param name="marker">Stands in its command line, so that it can be found.</param>
    public static ReaderCommand Command(string way, string marker) =>
        new("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "AhnSharp.Fuzz.dll"), Verb, way, marker]);

    /// <param name="way">How it fails.</param>
    /// <param name="args">The verb of the host, and who asked.</param>
    public static int Run(string way, string[] args)
    {
        using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        int parent = int.Parse(args[^1], System.Globalization.CultureInfo.InvariantCulture);
        switch (way)
        {
            case "early":
                Console.Error.WriteLine("No such\u001B[31m runtime.");
                return 150;
            case "no-frame":
                output.Write("Hello, I am not a frame, I am a line of text.\n"u8);
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "claims-much":
                Frame.Write(output, FrameKind.Ready, []);
                output.Write([.. "AHNd"u8, (byte)FrameKind.Head, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "half":
                Frame.Write(output, FrameKind.Ready, []);
                new PayloadWriter().Int(0).Text(null).Text(null).Int(0).Send(output, FrameKind.Head);
                return 0;
            case "wrong-fields":
                Frame.Write(output, FrameKind.Ready, []);
                new PayloadWriter().Int(99).Text("t").Text(null).Int(-4).Send(output, FrameKind.Head);
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "flood":
                Frame.Write(output, FrameKind.Ready, []);
                new PayloadWriter().Int(0).Text(null).Text(null).Int(0).Send(output, FrameKind.Head);
                string page = new('x', 1 << 16);
                while (true) new PayloadWriter().Int(0).Text(null).Text(page).Send(output, FrameKind.Part);
            case "many-parts":
                Frame.Write(output, FrameKind.Ready, []);
                new PayloadWriter().Int(0).Text(null).Text(null).Int(0).Send(output, FrameKind.Head);
                using (BufferedStream buffered = new(output, 1 << 20))
                {
                    while (true) new PayloadWriter().Int(0).Text(null).Text("").Send(buffered, FrameKind.Part);
                }
            default:
                return ReaderChild.Run(parent, input, output, (name, bytes, limits) => Read(way, name));
        }
    }

    private static Document Read(string way, string name)
    {
        switch (way)
        {
            case "stack":
                return Deeper(name, 0);
            case "memory":
                List<byte[]> kept = [];
                while (true) kept.Add(Filled(new byte[1 << 20]));
            case "native-memory":
                while (true) Fill(Marshal.AllocHGlobal(1 << 20));
            case "spin":
                while (true)
                {
                }
            case "sleep":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "fault":
                throw new InvalidOperationException("Sequence contains\n\u001B]0;no elements\u202E.");
            case "kill":
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "exit":
                Environment.Exit(7);
                break;
            case "errors":
                string line = new('e', 1 << 16);
                for (int i = 0; i < 200; i++) Console.Error.WriteLine(line);
                break;
            case "refused":
                throw new DocumentException("another-name.pdf", "expected\na sentence.");
            case "try":
                DocumentSandbox found = Restraint.Try();
                return new Document { Name = name, Kind = DocumentKind.Text, Parts = [new DocumentPart(found.ToString())] };
            case "environment":
                string names = string.Join('\n', Environment.GetEnvironmentVariables().Keys.Cast<string>());
                return new Document { Name = name, Kind = DocumentKind.Text, Parts = [new DocumentPart(names)] };
        }
        return new Document { Name = name, Kind = DocumentKind.Text, Parts = [new DocumentPart("read")] };
    }

    private static Document Deeper(string name, int depth) => depth < 0 ? throw new ArgumentOutOfRangeException(nameof(depth)) : Deeper(
        name + depth.ToString("x1", null)[..0], depth + 1) with
    { Pages = depth };

    private static byte[] Filled(byte[] bytes)
    {
        bytes.AsSpan().Fill(1);
        return bytes;
    }

    private static unsafe void Fill(nint memory) => new Span<byte>((void*)memory, 1 << 20).Fill(1);
}
