using System.Globalization;
using System.Text.Json;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>What an answer took, as one line for people or members of a JSON object.</summary>
internal static class AnswerSummary
{
    internal static string Line(LanguageSession state, GenerationStatistics took, GenerationOptions options) => Held(state) + string.Create(
        CultureInfo.InvariantCulture,
        $" · read {took.PromptTokens:N0} at {took.PromptTokensPerSecond:N0}/s · first token after {took.TimeToFirstToken.TotalSeconds:N2} s"
        + $" · wrote {took.GeneratedTokens:N0} at {took.TokensPerSecond:N1}/s · "
        + $"{Reason(took, options)}{(took.Seed is { } seed ? $" · seed {seed}" : "")}");

    /// <summary>What a session that was loaded holds.</summary>
    internal static string Held(string path, LanguageSession state) => $"{path}: {Held(state)}";

    internal static void Write(Utf8JsonWriter json, LanguageSession state, GenerationStatistics took)
    {
        json.WriteNumber("tokens_seen", state.Position);
        json.WriteNumber("tokens_exact", state.Tally.Exact);
        if (state.Plan.Archive is not null)
        {
            json.WriteNumber("tokens_archived", state.Tally.Archived);
            json.WriteNumber("archive_bytes_read", state.ArchiveBytesRead);
        }
        json.WriteNumber("tokens_compressed", state.Tally.Compressed);
        json.WriteNumber("tokens_dropped", state.Tally.Dropped);
        json.WriteNumber("state_bytes", state.StateBytes);
        json.WriteNumber("reused_tokens", took.ReusedTokens);
        json.WriteNumber("prompt_tokens", took.PromptTokens);
        json.WriteNumber("prompt_tokens_per_second", took.PromptTokensPerSecond);
        json.WriteNumber("generated_tokens", took.GeneratedTokens);
        json.WriteNumber("tokens_per_second", took.TokensPerSecond);
        json.WriteNumber("time_to_first_token_seconds", took.TimeToFirstToken.TotalSeconds);
        json.WriteString("stop_reason", took.StopReason switch
        {
            StopReason.EndToken => "end_token",
            StopReason.Complete => "complete",
            StopReason.StopString => "stop_string",
            StopReason.MaxTokens => "max_tokens",
            StopReason.Cancelled => "cancelled",
            _ => "failed",
        });
        if (took.StopString is not null) json.WriteString("stop_string", took.StopString);
        if (took.Seed is { } seed) json.WriteNumber("seed", seed);
    }

    private static string Reason(GenerationStatistics took, GenerationOptions options) => took.StopReason switch
    {
        StopReason.EndToken => "ended by itself",
        StopReason.Complete => "whole",
        StopReason.StopString => "ended at --stop",
        StopReason.MaxTokens => $"cut off at --max-tokens {options.MaxTokens}",
        StopReason.Cancelled => "interrupted",
        _ => "failed",
    };

    private static string Held(LanguageSession state)
    {
        Tally tally = state.Tally;
        string archived = state.Plan.Archive is null ? "" : string.Create(CultureInfo.InvariantCulture, $"archived {tally.Archived:N0} · ");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Position:N0} tokens seen · held exactly {tally.Exact:N0} · {archived}compressed {tally.Compressed:N0} · dropped "
                + $"{tally.Dropped:N0}");
    }
}
