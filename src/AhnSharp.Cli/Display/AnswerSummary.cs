using System.Globalization;
using System.Text.Json;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>What an answer took, as one line for people or members of a JSON object.</summary>
internal static class AnswerSummary
{
    /// <summary>Tells what an answer took: a short line, the whole of it with --verbose, and what one should know of its end.</summary>
    /// <param name="state">The session behind it.</param>
    /// <param name="took">What it took.</param>
    /// <param name="options">How it was drawn.</param>
    /// <param name="answer">What was said.</param>
    /// <param name="isChat">Whether it is one of many, so that nothing is told of one that ended well.</param>
    internal static void Tell(
        LanguageSession state, GenerationStatistics took, GenerationOptions options, AnswerText answer, bool isChat = false)
    {
        if (answer.Repeated is { } piece)
        {
            string words = string.Join(' ', piece.Split((char[]?)null, System.StringSplitOptions.RemoveEmptyEntries));
            Terminal.Warn($"Stopped, as the answer repeated itself: \"{(words.Length <= 60 ? words : words[..59] + "…")}\" over and "
                + "over. --repeat-penalty 1.1 helps against it, --no-repeat-guard lets it go on.");
        }
        if (Terminal.Verbosity == Verbosity.Verbose) Terminal.Detail(Line(state, took, options, answer.Repeated is not null));
        else if (!isChat || took.StopReason == StopReason.MaxTokens) Terminal.Note(Short(took, options));
    }

    // For example: wrote 212 tokens, 34.1 tokens/s · cut off at --max-tokens 212 · seed 5
    private static string Short(GenerationStatistics took, GenerationOptions options) => string.Create(
        CultureInfo.InvariantCulture, $"wrote {took.GeneratedTokens:N0} tokens, {took.TokensPerSecond:N1} tokens/s")
        + (took.StopReason == StopReason.MaxTokens ? $" · {Reason(took, options, false)}" : "")
        + (took.Seed is { } seed ? string.Create(CultureInfo.InvariantCulture, $" · seed {seed}") : "");

    internal static string Line(
        LanguageSession state, GenerationStatistics took, GenerationOptions options, bool repeated = false) =>
        Held(state, took) + string.Create(CultureInfo.InvariantCulture,
        $" · read {took.PromptTokens:N0} at {took.PromptTokensPerSecond:N0} tokens/s"
        + $" · first token after {took.TimeToFirstToken.TotalSeconds:N2} s"
        + $" · wrote {took.GeneratedTokens:N0} at {took.TokensPerSecond:N1} tokens/s · "
        + $"{Reason(took, options, repeated)}{(took.Seed is { } seed ? $" · seed {seed}" : "")}");

    /// <summary>What a session that was loaded holds.</summary>
    internal static string Held(string path, LanguageSession state) => $"{path}: {Held(state)}";

    /// <summary>The members of one answer of a model, as 'ahn run --json' and the events of --jsonl have them.</summary>
    internal static void Write(
        Utf8JsonWriter json, AnswerText answer, string model, LanguageSession state, GenerationStatistics took)
    {
        json.WriteString("text", answer.Text);
        json.WriteString("model", model);
        Write(json, state, took, answer.Repeated is not null);
    }

    internal static void Write(Utf8JsonWriter json, LanguageSession state, GenerationStatistics took, bool repeated = false)
    {
        json.WriteNumber("tokens_seen", state.Position);
        json.WriteNumber("tokens_exact", state.Tally.Exact);
        if (state.Plan.Archive is not null)
        {
            json.WriteNumber("tokens_archived", state.Tally.Archived);
            json.WriteNumber("tokens_retrieved", took.RetrievedTokens);
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
        json.WriteString("stop_reason", repeated ? "repetition" : took.StopReason switch
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

    private static string Reason(GenerationStatistics took, GenerationOptions options, bool repeated) => took.StopReason switch
    {
        _ when repeated => "stopped, as it repeated itself",
        StopReason.EndToken => "finished",
        StopReason.Complete => "whole",
        StopReason.StopString => "ended at --stop",
        StopReason.MaxTokens => $"cut off at --max-tokens {options.MaxTokens}",
        StopReason.Cancelled => "interrupted",
        _ => "failed",
    };

    // Without an answer nothing was retrieved for one.
    private static string Held(LanguageSession state, GenerationStatistics? took = null)
    {
        Tally tally = state.Tally;
        string retrieved = took is null ? "" : string.Create(CultureInfo.InvariantCulture, $"retrieved {took.RetrievedTokens:N0} · ");
        string archived = state.Plan.Archive is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"archived {tally.Archived:N0} · {retrieved}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Position:N0} tokens seen · kept exactly {tally.Exact:N0} · {archived}compressed {tally.Compressed:N0} · dropped "
                + $"{tally.Dropped:N0}");
    }
}
