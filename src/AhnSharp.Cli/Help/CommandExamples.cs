using System.Collections.Generic;

namespace AhnSharp.Cli.Help;

/// <summary>What people type, for each command: the command's line and what it does. A test parses every one of them.</summary>
internal static class CommandExamples
{
    private const string Qwen = "Qwen/Qwen2.5-7B-Instruct-GGUF:q4_k_m";

    /// <summary>What a newcomer is shown first.</summary>
    internal static IReadOnlyList<(string Line, string Meaning)> First { get; } =
    [
        ("ahn chat", "a conversation, with the model that is set or the built-in demo model"),
        ("ahn run -f contract.pdf \"Who may terminate, and when?\"", "one question about a document"),
        ("ahn read book.epub -o book.ahn && ahn ask book.ahn \"Who is Mina?\"", "a long document, read once and asked many times"),
    ];

    /// <summary>Those of a command; empty where it has none.</summary>
    internal static IReadOnlyList<(string Line, string Meaning)> Of(string command) => command switch
    {
        "demo" =>
        [
            ("ahn demo", "the whole comparison, about a minute"),
            ("ahn demo --tokens 8192 --seed 7", "a shorter one, with other codes"),
        ],
        "run" =>
        [
            ("ahn run \"Write a haiku about the sea\"", "one answer from the model that is set"),
            ($"ahn run {Qwen} \"Why is the sky blue?\"", "from another model"),
            ("ahn run -f report.pdf \"Summarize this in five sentences\"", "about a document"),
            ("git diff | ahn run -f - \"Write a commit message\" --quiet", "in a pipe"),
            ("ahn run \"Name three rivers\" --temperature 0 --json", "the same answer every time, for a program"),
        ],
        "chat" =>
        [
            ("ahn chat", "a conversation with the model that is set"),
            ($"ahn chat {Qwen}", "with another"),
            ("ahn chat -f notes.md", "about a document"),
            ("ahn chat --session talk.ahn", "goes on from what /save kept"),
        ],
        "read" =>
        [
            ("ahn read dracula.txt -o dracula.ahn", "a book"),
            ("ahn read src docs/guide.pdf -o project.ahn", "a folder of code and a PDF, in this order"),
            ("ahn read dracula.txt -o dracula.ahn --resume", "goes on where it was interrupted"),
        ],
        "text" => [("ahn text book.epub | less", "what a model would be given of a book")],
        "ask" =>
        [
            ("ahn ask dracula.ahn \"Who is the Count?\"", "one question"),
            ("ahn ask dracula.ahn \"Who is Mina?\" \"Where is the castle?\" --sources",
                "several, with the passages that were read for each"),
            ("ahn ask dracula.ahn", "a conversation about the document"),
        ],
        "serve" =>
        [
            ("ahn serve", "the model that is set, on this machine alone"),
            ($"ahn serve --model {Qwen} --port 8080", "another, on a port of its own"),
            ("ahn serve --hub --api-keys keys.txt --host 0.0.0.0", "everything that was pulled, for others who have a key"),
        ],
        "convert" =>
        [
            ("ahn convert Qwen2.5-3B-Instruct -o qwen2.5-3b.gguf --type q8_0", "a base model"),
            ("ahn convert --ahn AHN-GDN-for-Qwen-2.5-Instruct-3B --fingerprint-from qwen2.5-3b.gguf -o ahn-gdn-3b.gguf", "its memory"),
        ],
        "quantize" => [("ahn quantize qwen2.5-3b-f16.gguf qwen2.5-3b-q4_k_m.gguf q4_k_m", "a third of the size")],
        "synth" => [("ahn synth 0.5B q4_k_m -o random.gguf", "random weights at the shape of Qwen2.5 0.5B")],
        "train" =>
        [
            ("ahn train --model base.gguf --memory dn --text books -o memory.gguf", "a memory for a model, from a folder of texts"),
            ("ahn train --model base.gguf --text books --recall 0.5 -o memory.gguf --dry-run", "what it will take, measured"),
            ("ahn train --model base.gguf --memory dn --text books -o memory.gguf --resume", "goes on where it was stopped"),
        ],
        "inspect" =>
        [
            ("ahn inspect model.gguf", "what a model's file is, and what a session would take"),
            ("ahn inspect --session dracula.ahn --plot memory.svg", "how full the memory is, drawn"),
            ("ahn inspect dracula.ahn --report dracula.html", "the same as a page that explains itself"),
        ],
        "tokens" =>
        [
            ("ahn tokens \"Hello, world\" --show", "each token of a text"),
            ("ahn tokens -f report.pdf", "how long a document is for the model"),
            ("ahn tokens --json < notes.txt", "for a program"),
        ],
        "fit" =>
        [
            ("ahn fit", "the model that is set"),
            ($"ahn fit {Qwen}", "one that need not be fetched: some megabytes of its header are read"),
            ("ahn fit model.gguf --free 6GB", "on a smaller machine"),
        ],
        "devices" => [("ahn devices", "the GPUs of this machine")],
        "doctor" => [("ahn doctor --json > machine.json", "for a report of a fault")],
        "perplexity" =>
        [
            ("ahn perplexity model.gguf -f book.txt", "how well a model predicts a text"),
            ("ahn perplexity q4.gguf -f book.txt --against q8.gguf", "what the smaller file costs"),
            ("ahn perplexity -f book.txt --report book.html", "what forgetting costs, as a page that explains itself"),
        ],
        "recall" =>
        [
            ("ahn recall -f book.txt --length 8192", "codes brought back from a text, in the memory that the model has"),
            ("ahn recall -f book.txt --report recall.html", "in every memory, as a page that explains itself"),
        ],
        "calibrate" => [("ahn calibrate --model model.gguf -f book.txt -o heads.json", "the heads that look facts up")],
        "eval" => [("ahn eval hotpotqa.jsonl --limit 20 -o results.jsonl", "twenty items of a benchmark")],
        "bench" =>
        [
            ("ahn bench -p 512 -n 64", "how fast the demo model reads and writes here"),
            ("ahn bench -m model.gguf -r 3", "another, three times"),
        ],
        "pull" =>
        [
            ($"ahn pull {Qwen}", "one type of a model"),
            ("ahn pull Qwen/Qwen2.5-0.5B-Instruct-GGUF", "the usual type of a small one"),
        ],
        "list" => [("ahn list", "what was pulled")],
        "remove" => [($"ahn remove {Qwen}", "asks, then makes room")],
        "use" =>
        [
            ($"ahn use {Qwen}", "for all commands that name no model"),
            ("ahn use qwen2.5-7b-q4_k_m.gguf --ahn ahn-gdn-7b.gguf --as q7", "with its memory, under a short name: ahn run q7 \"…\""),
            ("ahn use", "says what is set"),
            ("ahn use --none", "the demo model again"),
        ],
        "config" =>
        [
            ("ahn config", "all settings, and where each comes from"),
            ("ahn config set threads 4", "for every command from now on"),
            ("ahn config unset threads", "and no longer"),
        ],
        "help" => [("ahn help run", "the same as ahn run --help")],
        "completion" =>
        [
            ("source <(ahn completion bash)", "in ~/.bashrc: completes commands and options"),
            ("ahn completion fish > ~/.config/fish/completions/ahn.fish", "for fish; zsh and pwsh are there too"),
        ],
        "man" => [("ahn man run | man -l -", "the page of a command"), ("ahn man --all share/man/man1", "all pages, for a package")],
        _ => [],
    };
}
