using System;
using System.Collections.Generic;
using AhnSharp;
using AhnSharp.Sessions;

/// <summary>Reads a text and goes on from it, greedily, with AhnSharp.</summary>
internal sealed class Job(string path, int threads, int context) : IDisposable
{
    private readonly TextModel _model = TextModel.Load(path, options: new ModelOptions { Threads = threads });

    public int Tokens(string text) => _model.Tokenizer.Encode(text).Length;

    public async IAsyncEnumerable<string> Answer(string text, int tokens)
    {
        SessionOptions options = new() { Mode = MemoryMode.Full, ContextTokens = context };
        using TextSession session = _model.CreateSession(options, raw: true);
        await foreach (string piece in session.AskAsync(text, new GenerationOptions { MaxTokens = tokens })) yield return piece;
    }

    public void Dispose() => _model.Dispose();
}
