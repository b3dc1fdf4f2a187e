using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Machine;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>Everything that <c>ahn fit</c> prints: what a model takes with several windows, and what it would choose.</summary>
internal sealed record FitReport(ModelPlan Plan, MachineMemory Memory, IReadOnlyList<FitReport.Row> Rows, WindowChoice Choice)
{
    private static readonly long[] s_archived = [32768, 131072, 1_000_000];

    // Bits per weight of whole files, by the mixtures of `ahn quantize` for Qwen2.5 1.5B and up: file size · 8 / parameters.
    private static readonly (string Type, double BitsPerWeight)[] s_types =
        [("F16", 16), ("Q8_0", 8.5), ("Q6_K", 6.6), ("Q5_K_M", 5.7), ("Q4_K_M", 4.9), ("Q4_0", 4.6)];
    private static readonly int[] s_windows = [512, 1024, 2048, 4096, 8192, 16384, 32640];
    private static readonly int[] s_contexts = [4096, 32768, 131072];

    /// <summary>One session: its state when it is fullest, and all that model and session then take.</summary>
    internal sealed record Row(SessionPlan Session, long TotalBytes, bool Fits, bool IsFiles, bool IsChosen);

    /// <summary>What an archive takes of a text, beside everything held by full attention.</summary>
    internal sealed record ArchiveRow(long Tokens, long ArchiveBytes, long IndexBytes, long FullBytes);

    /// <summary>An archive behind the window of the choice, by length of text; empty where the model can have none.</summary>
    internal IReadOnlyList<ArchiveRow> Archives { get; init; } = [];

    /// <summary>(layer, key/value head) pairs of that archive.</summary>
    internal int ArchiveHeads { get; init; }

    /// <summary>What may be used: nine tenths of what is free.</summary>
    internal long UsableBytes => WindowChoice.UsableBytes(Memory.AvailableBytes);

    /// <summary>Where nothing fits: the largest type whose weights would leave room, with its size; null where none would.</summary>
    internal (string Type, long Bytes)? SmallerType => s_types
        .Select(type => (type.Type, Bytes: (long)(Plan.ParameterCount * type.BitsPerWeight / 8)))
        .Where(type => type.Bytes < Plan.WeightBytes && Choice.Bytes - Plan.WeightBytes + type.Bytes <= UsableBytes)
        .Select(type => ((string, long)?)type).FirstOrDefault();

    internal static FitReport Of(ModelPlan plan, int? sinks, KvType? kv, ArchiveOptions archive, MachineMemory memory)
    {
        WindowChoice choice = WindowChoice.For(plan, sinks, kv, memory.AvailableBytes);
        long usable = WindowChoice.UsableBytes(memory.AvailableBytes);
        SessionOptions session = new() { Sinks = sinks, Kv = choice.Options.Kv };
        List<Row> rows = [];
        int own = plan.Config.Ahn?.Window ?? 0, context = plan.Config.ContextLength;
        MemoryMode fixedMode = own > 0 ? MemoryMode.Ahn : MemoryMode.Window;
        foreach (int window in s_windows.Append(own)
            .Append(choice.Options.Window ?? 0).Where(window => window > 0 && (window <= context || window == own)).Distinct().Order())
        {
            Add(session with { Mode = fixedMode, Window = window }, window == own, choice.Options.Window == window);
        }
        foreach (int tokens in s_contexts.Append(context)
            .Append(choice.Options.ContextTokens ?? 0).Where(tokens => tokens > 0 && tokens <= context).Distinct().Order())
        {
            Add(session with { Mode = MemoryMode.Full, ContextTokens = tokens }, tokens == context, choice.Options.ContextTokens == tokens);
        }
        return WithArchive(new FitReport(plan, memory, rows, choice), session with { Mode = fixedMode, Archive = archive });

        void Add(SessionOptions options, bool isFiles, bool isChosen)
        {
            SessionPlan state = plan.Session(options);
            long total = plan.MaxBytes(state);
            rows.Add(new Row(state, total, total <= usable, isFiles, isChosen));
        }
    }

    // Behind the window that is chosen, or the smallest of the table.
    private static FitReport WithArchive(FitReport report, SessionOptions options)
    {
        ModelPlan plan = report.Plan;
        int window = report.Choice.Options.Window ?? s_windows[0];
        SessionPlan session;
        try
        {
            session = plan.Session(options with { Window = window });
        }
        catch (NotSupportedException)
        {
            return report; // a head dimension that no archive is made for
        }
        SessionOptions full = options with { Mode = MemoryMode.Full, Archive = null };
        return report with
        {
            ArchiveHeads = session.ArchiveHeads!.Value,
            Archives =
            [
                .. s_archived.Select(tokens => new ArchiveRow(
                    tokens, session.ArchiveBytes(tokens), session.ArchiveIndexBytes(tokens),
                    plan.Session(full with { ContextTokens = (int)tokens }).ExactBytes(tokens))),
            ],
        };
    }
}
