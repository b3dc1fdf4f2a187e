using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Files;
using AhnSharp.Machine;

namespace AhnSharp.Measurement;

/// <summary>
/// A Markdown file of measurements of one machine, in sections with a heading each: a run replaces the section of
/// its name and keeps the others.
/// </summary>
internal static class ResultsFile
{
    private const string Heading = "## ";

    /// <summary>FOLDER/CPU.md, where everything that is no letter or digit in the processor's name is a hyphen.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileNameOf(CpuName.Here));

    /// <summary>
    /// Says, before anything is measured, what is in the way of writing a section into a file: a part of it that is no text would be lost.
    /// </summary>
    /// <exception cref="InvalidDataException">The file holds something else than UTF-8 text; the message is one sentence.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path)) return;
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.AsSpan().Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(bytes))
        {
            throw new InvalidDataException(
                $"{path}: expected a Markdown file, of which a section is written, found other bytes than UTF-8 text; name another file.");
        }
    }

    /// <summary>Replaces or appends a section, and writes the whole file anew. A missing file is begun with the machine's name.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="section">The heading, one line without marks.</param>
    /// <param name="body">Markdown below it, without headings of the same or a higher level.</param>
    public static void Replace(string path, string section, string body)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(section);
        ArgumentNullException.ThrowIfNull(body);
        Check(path);
        List<string> lines = File.Exists(path) ? [.. File.ReadAllLines(path)] : [$"# Measured on {CpuName.Here}", ""];
        int begin = lines.IndexOf(Heading + section);
        if (begin < 0)
        {
            if (lines.Count > 0 && lines[^1].Length > 0) lines.Add("");
            begin = lines.Count;
        }
        else
        {
            int end = lines.FindIndex(
                begin + 1, line => line.StartsWith(Heading, StringComparison.Ordinal) || line.StartsWith("# ", StringComparison.Ordinal));
            lines.RemoveRange(begin, (end < 0 ? lines.Count : end) - begin);
        }
        bool last = begin == lines.Count;
        lines.InsertRange(begin, [Heading + section, "", .. body.ReplaceLineEndings("\n").Trim('\n').Split('\n'),
            .. last ? Array.Empty<string>() : [""]]);
        using PartialFile file = new(path);
        file.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
    }

    /// <summary>For example amd-epyc-9354.md.</summary>
    internal static string FileNameOf(string cpu)
    {
        string hyphens = string.Concat(cpu.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        string name = string.Join('-', hyphens.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return (name.Length > 0 ? name : "unknown") + ".md";
    }
}
