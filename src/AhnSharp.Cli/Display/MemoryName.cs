using System;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Attention;
using AhnSharp.Model;

namespace AhnSharp.Cli.Display;

/// <summary>What a session keeps, in words for people and as members of a JSON object.</summary>
internal static class MemoryName
{
    /// <summary>For example: window + memory (W 480, S 32), kv f16.</summary>
    internal static string Of(SessionPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Of(plan.Mode)}{(plan.Mode == MemoryMode.Full ? "" : $" (W {plan.Window:N0}, S {plan.Sinks:N0})")}, kv {NameOf(plan.Kv)}");

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
        json.WriteString("memory", OptionOf(plan.Mode));
        if (plan.Mode != MemoryMode.Full)
        {
            json.WriteNumber("window", plan.Window);
            json.WriteNumber("sinks", plan.Sinks);
        }
        json.WriteString("kv", NameOf(plan.Kv));
    }

    private static string NameOf(KvType kv) => kv switch
    {
        KvType.F32 => "f32",
        KvType.F16 => "f16",
        KvType.Q8_0 => "q8_0",
        _ => throw new ArgumentOutOfRangeException(nameof(kv), kv, "Not a way to hold keys and values."),
    };
}
