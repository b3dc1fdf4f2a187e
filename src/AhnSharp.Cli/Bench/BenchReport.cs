using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Cli.Display;
using AhnSharp.Kernels;
using AhnSharp.Machine;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>All of a run of <c>ahn bench</c>: printed, or as a section of a Markdown file.</summary>
/// <param name="Roofs">One for each number of threads.</param>
/// <param name="Records">One for each test.</param>
internal sealed record BenchReport(IReadOnlyList<Roofs> Roofs, IReadOnlyList<BenchRecord> Records)
{
    internal void Print()
    {
        foreach (IGrouping<(string, int), BenchRecord> group in Groups)
        {
            Terminal.Print();
            foreach (string line in BenchTable.ModelLines(group.Last())) Terminal.Print(line);
            foreach (Grid grid in GridsOf(group)) grid.Print();
        }
    }

    /// <summary>Date, commit, machine and command, as every section of a file of results begins.</summary>
    internal static string Heading(string commandLine)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, commit {BuildInfo.Commit} ({BuildInfo.Kind}) on {CpuName.Here}, {Cores.Here.Threads} cores, ");
        text.Append(CultureInfo.InvariantCulture,
            $"kernels {BuildInfo.Kernels()}, {KernelTable.Variable} {Environment.GetEnvironmentVariable(KernelTable.Variable) ?? "unset"}, "
                + $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`{commandLine}`\n\n");
        return text.ToString();
    }

    /// <summary>The heading, then the tables.</summary>
    internal string ToMarkdown(string commandLine)
    {
        StringBuilder text = new(Heading(commandLine));
        foreach (string line in Roofs.SelectMany(BenchTable.RoofLines)) text.Append(CultureInfo.InvariantCulture, $"{line}\n\n");
        foreach (IGrouping<(string, int), BenchRecord> group in Groups)
        {
            foreach (string line in BenchTable.ModelLines(group.Last())) text.Append(CultureInfo.InvariantCulture, $"{line.Trim()}\n");
            foreach (Grid grid in GridsOf(group)) text.Append('\n').Append(grid.ToMarkdown());
            if (group.FirstOrDefault(record => record.Versus is not null)?.Versus is { } versus)
            {
                text.Append(CultureInfo.InvariantCulture, $"\nTheirs: `{WithoutFolders(versus.Command)}`, run alternately with ours; "
                    + $"ratio of the medians, and of the single pairs.\n");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A command without the folders of its files, which exist on one machine only.</summary>
    internal static string WithoutFolders(string command) => string.Join(' ', command.Split(' ').Select(
        word => word.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetFileName(word) : word));

    internal void PrintJson() => Terminal.PrintJson(Records, BenchJson.Default.IReadOnlyListBenchRecord);

    /// <summary>The tables of each model and number of threads, with a record that says which.</summary>
    internal IEnumerable<(BenchRecord Last, IReadOnlyList<Grid> Grids)> Tables =>
        Groups.Select(group => (group.Last(), (IReadOnlyList<Grid>)[.. GridsOf(group)]));

    private IEnumerable<IGrouping<(string, int), BenchRecord>> Groups => Records.GroupBy(record => (record.ModelFilename, record.NThreads));

    private static IEnumerable<Grid> GridsOf(IEnumerable<BenchRecord> group)
    {
        yield return BenchTable.Speeds(group);
        if (BenchTable.Versus(group) is { } versus) yield return versus;
        foreach (BenchRecord record in group.Where(record => record.Profile is not null)) yield return BenchTable.Profile(record);
    }
}
