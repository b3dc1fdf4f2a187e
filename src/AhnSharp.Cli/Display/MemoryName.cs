using System;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>What a session keeps, in words for people and as members of a JSON object.</summary>
internal static class MemoryName
{
    /// <summary>For example: window + memory (W 480, S 32), kv f16.</summary>
    internal static string Of(SessionPlan plan) => Of(plan.Mode, plan.Window, plan.Sinks, plan.Kv)
        + (plan.Archive is null ? "" : $", archive {OptionOf(plan.Archive.Type)}")
        + (plan.Archive?.Heads is null ? "" : $" of {plan.ArchiveHeads} heads")
        + (plan.Reach == long.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $", reach {plan.Reach:N0}"));

    /// <summary>The word that --archive-type takes.</summary>
    internal static string OptionOf(ArchiveType type) => type switch
    {
        ArchiveType.EightBits => "int8",
        ArchiveType.FourBits => "int4",
        _ => "f32",
    };

    /// <summary>The word that --read takes.</summary>
    internal static string OptionOf(ArchiveReading reading) => reading == ArchiveReading.Window ? "window" : "ahn";

    /// <summary>The word that --readout takes.</summary>
    internal static string OptionOf(ArchiveReadout readout) => readout switch
    {
        ArchiveReadout.Gated => "gated",
        ArchiveReadout.Off => "off",
        _ => "on",
    };

    internal static string Of(SessionDescription session) => Of(session.Mode, session.Window, session.Sinks, session.Kv);

    internal static string Of(MemoryMode mode) => mode switch
    {
        MemoryMode.Full => "full attention",
        MemoryMode.Window => "window alone",
        _ => "window + memory",
    };

    /// <summary>The word that --memory takes.</summary>
    internal static string OptionOf(MemoryMode mode) => mode switch
    {
        MemoryMode.Full => "full",
        MemoryMode.Window => "window",
        _ => "ahn",
    };

    internal static void Write(Utf8JsonWriter json, SessionPlan plan)
    {
        Write(json, plan.Mode, plan.Window, plan.Sinks, plan.Kv);
        if (plan.Archive is not null) json.WriteString("archive", OptionOf(plan.Archive.Type));
        if (plan.Archive?.Heads is not null) json.WriteNumber("archive_heads", plan.ArchiveHeads!.Value);
        if (plan.Reach != long.MaxValue) json.WriteNumber("reach", plan.Reach);
    }

    internal static void Write(Utf8JsonWriter json, SessionDescription session) =>
        Write(json, session.Mode, session.Window, session.Sinks, session.Kv);

    /// <summary>The word that --kv takes.</summary>
    internal static string OptionOf(KvType kv) => kv switch
    {
        KvType.F32 => "f32",
        KvType.F16 => "f16",
        KvType.Q8_0 => "q8_0",
        _ => throw new ArgumentOutOfRangeException(nameof(kv), kv, "Not a way to hold keys and values."),
    };

    private static string Of(MemoryMode mode, int window, int sinks, KvType kv) => string.Create(
        CultureInfo.InvariantCulture, $"{Of(mode)}{(mode == MemoryMode.Full ? "" : $" (W {window:N0}, S {sinks:N0})")}, kv {OptionOf(kv)}");

    private static void Write(Utf8JsonWriter json, MemoryMode mode, int window, int sinks, KvType kv)
    {
        json.WriteString("memory", OptionOf(mode));
        if (mode != MemoryMode.Full)
        {
            json.WriteNumber("window", window);
            json.WriteNumber("sinks", sinks);
        }
        json.WriteString("kv", OptionOf(kv));
    }
}
