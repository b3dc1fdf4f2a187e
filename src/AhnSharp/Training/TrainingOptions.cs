using System;

namespace AhnSharp.Training;

/// <summary>How a memory is trained; two runs with the same options, texts and base give the same bits.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Steps of the optimiser.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>Texts whose gradients are added up before a step; they are read one after another.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>Tokens of a text.</summary>
    public int Length { get; init; } = 2048;

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Chooses everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Share of the texts that are chats with strewn facts.</summary>
    public double Recall { get; init; }

    /// <summary>What the prediction of a digit of an answer counts, beside 1 for every other token.</summary>
    public float AnswerWeight { get; init; } = 16;

    /// <summary>Share of every document that is never trained on: its end.</summary>
    public double HoldOut { get; init; } = 0.05;

    /// <summary>Texts of the held-out part that a measurement reads.</summary>
    public int HeldOutTexts { get; init; } = 4;

    /// <summary>Steps between two measurements.</summary>
    public int Every { get; init; } = 25;

    /// <summary>Steps in which the learning rate rises: a twentieth.</summary>
    public int WarmUp => Math.Clamp(Steps / 20, 1, 100);
}
