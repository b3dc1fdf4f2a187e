using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Training;

/// <summary>How a memory was made, as its file carries it under <c>ahn.training.</c>.</summary>
internal sealed record TrainingRecord
{
    private const string Prefix = "ahn.training.";

    /// <summary>What the file is called for people.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>File names of the texts, and SHA-256 of what was read of each.</summary>
    public required IReadOnlyList<(string Name, string Sha256)> Texts { get; init; }

    /// <summary>What was asked for.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The step that these values are of.</summary>
    public required int Step { get; init; }

    /// <summary>KL of the texts held out with these values, nats a token; and of the window alone.</summary>
    public required double HeldOutKl { get; init; }

    /// <summary>KL of the texts held out with no memory at all.</summary>
    public required double WindowKl { get; init; }

    /// <summary>Adds the keys.</summary>
    public void AddTo(GgufWriter writer)
    {
        writer.Add(Prefix + "version", Version);
        writer.Add(Prefix + "texts", Texts.Select(text => text.Name).ToArray());
        writer.Add(Prefix + "texts_sha256", Texts.Select(text => text.Sha256).ToArray());
        writer.Add(Prefix + "seed", Options.Seed);
        writer.Add(Prefix + "step", (uint)Step);
        writer.Add(Prefix + "steps", (uint)Options.Steps);
        writer.Add(Prefix + "batch", (uint)Options.Batch);
        writer.Add(Prefix + "length", (uint)Options.Length);
        writer.Add(Prefix + "learning_rate", (float)Options.LearningRate);
        writer.Add(Prefix + "recall", (float)Options.Recall);
        writer.Add(Prefix + "answer_weight", Options.AnswerWeight);
        writer.Add(Prefix + "hold_out", (float)Options.HoldOut);
        writer.Add(Prefix + "held_out_kl", (float)HeldOutKl);
        writer.Add(Prefix + "held_out_kl_window", (float)WindowKl);
    }
}
