using System;
using System.Globalization;
using System.IO;
using AhnSharp.Documents.Processes;

namespace AhnSharp.Documents;

/// <summary>The other side of <see cref="DocumentReader"/>: the process that takes documents apart.</summary>
/// <remarks>
/// By custom it is the small program AhnSharp.Documents.Host, which the package puts beside the application and which needs the runtime
/// of .NET. An application that brings its own runtime (self-contained, one file, compiled ahead of time) can be its own reader
/// instead, if its Main begins with:
/// <code>
/// if (DocumentHost.IsAsked(args)) return DocumentHost.Run(args, Console.OpenStandardInput(), Console.OpenStandardOutput());
/// </code>
/// </remarks>
public static class DocumentHost
{
    internal const string Verb = "ahn-document-host";

    /// <summary>Whether this process was started to read a document. Once asked, this program starts itself to read documents.</summary>
    public static bool IsAsked(string[] args)
    {
        ReaderCommand.IsSelf = true;
        return args is [Verb, _];
    }

    /// <summary>
    /// Reads the document that stands on <paramref name="input"/>, and writes what it holds on <paramref name="output"/>.
    /// </summary>
    /// <returns>The exit code of the process.</returns>
    public static int Run(string[] args, Stream input, Stream output)
    {
        ArgumentNullException.ThrowIfNull(args);
        int parent =
            args is [_, string id] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        return ReaderChild.Run(
            parent, input, output, static (name, bytes, limits) => DocumentReader.ReadHere(name, bytes, limits, default));
    }

    /// <summary>What the system takes away from a process that reads a document: found by starting one, which tries.</summary>
    /// <exception cref="DocumentException">It cannot be started.</exception>
    public static DocumentSandbox Probe() => ReaderProcess.Probe(ReaderCommand.Find());
}
