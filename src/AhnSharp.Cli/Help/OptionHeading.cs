using System.Collections.Generic;

namespace AhnSharp.Cli.Help;

/// <summary>Under which heading of a command's help an option stands; what a command alone has stands first.</summary>
internal static class OptionHeading
{
    private const string Own = "Options", Model = "The model", Answer = "The answer", Text = "Documents",
        Kept = "Window and memory", Archive = "The archive behind the window", Machine = "What computes",
        Against = "What it is compared with",
        Network = "Who may ask, and how much", Output = "Output";

    /// <summary>The headings in the order in which they are shown.</summary>
    internal static IReadOnlyList<string> Order { get; } = [Own, Model, Answer, Text, Network, Against, Kept, Archive, Machine, Output];

    internal static string Of(string option, bool answers) => option switch
    {
        "--model" or "--ahn" or "--force" or "--chat-template" => Model,
        "--max-tokens" or "--temperature" or "--greedy" or "--top-k" or "--top-p" or "--min-p" or "--repeat-penalty"
            or "--frequency-penalty" or "--presence-penalty" or "--repeat-last-n" or "--stop"
            or "--no-repeat-guard" or "--thinking" => Answer,
        "--seed" when answers => Answer,
        "--no-normalize" or "--reader-memory" or "--reader-time" => Text,
        "--memory" or "--window" or "--sinks" or "--context" or "--kv" => Kept,
        "--archive" or "--no-archive" or "--archive-type" or "--archive-limit" or "--read" or "--readout" or "--reach"
            or "--archive-heads" => Archive,
        "--device" or "--gpu-layers" or "--threads" or "--activations" or "--no-mmap" or "--no-repack" => Machine,
        "--against" or "--against-ahn" or "--against-memory" or "--against-window" or "--against-sinks" or "--against-kv"
            or "--against-activations" => Against,
        "--host" or "--port" or "--api-keys" or "--allow-host" or "--allow-origin" or "--queue" or "--longest-pause"
            or "--keep-alive" or "--memory-limit" or "--cache" or "--max-body" or "--max-upload" or "--data" or "--tls-cert" or "--tls-key"
            or "--log-texts" or "--log-json" => Network,
        "--json" or "--overwrite" or "--quiet" or "--verbose" or "--help" or "--version" => Output,
        _ => Own,
    };
}
