using System;
using System.Collections.Generic;
using System.Text;
using LLama;
using LLama.Common;
using LLama.Sampling;

/// <summary>Reads a text and goes on from it, greedily, with LLamaSharp.</summary>
internal sealed class Job : IDisposable
{
    private readonly LLamaWeights _weights;
    private readonly StatelessExecutor _executor;

    public Job(string path, int threads, int context)
    {
        ModelParams parameters = new(path) { ContextSize = (uint)context, Threads = threads, BatchThreads = threads };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _executor = new StatelessExecutor(_weights, parameters);
    }

    public int Tokens(string text) => _weights.Tokenize(text, false, false, Encoding.UTF8).Length;

    public IAsyncEnumerable<string> Answer(string text, int tokens)
    {
        InferenceParams options = new() { MaxTokens = tokens, SamplingPipeline = new GreedySamplingPipeline() };
        return _executor.InferAsync(text, options);
    }

    public void Dispose() => _weights.Dispose();
}
