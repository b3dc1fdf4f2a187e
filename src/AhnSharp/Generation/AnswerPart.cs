namespace AhnSharp.Generation;

/// <summary>A part of an answer as <see cref="AnswerReader"/> finds it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">What it says; empty where a call ends.</param>
/// <param name="Call">Which call of a tool it belongs to, from 0; −1 for text and thoughts.</param>
public readonly record struct AnswerPart(AnswerPartKind Kind, string Text, int Call = -1);
