using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using LLama;
using LLama.Common;
using LLama.Native;

// MODEL THREADS CONTEXT. Each line "TEXTS PROMPT TOKENS" of the input is as many texts that are gone on with at once, each PROMPT tokens
// long; what it says is the seconds of TOKENS steps, each of one llama_decode with a row per text and the likeliest token of each. This is
// what llama.cpp's llama-batched-bench times, and what 'ahn bench --parallel' does with ours.
int threads = int.Parse(args[1], CultureInfo.InvariantCulture);
ModelParams parameters = new(args[0])
{
    ContextSize = uint.Parse(args[2], CultureInfo.InvariantCulture),
    SeqMax = 64,
    Threads = threads,
    BatchThreads = threads,
    KVUnified = true, // the context is shared by all texts, as they need it
};
using LLamaWeights weights = LLamaWeights.LoadFromFile(parameters);
using LLamaContext context = weights.CreateContext(parameters);
SafeLLamaContextHandle handle = context.NativeHandle;
Random random = new(1);
while (Console.ReadLine() is { } line)
{
    int[] numbers = [.. line.Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
    (int texts, int prompt, int tokens) = (numbers[0], numbers[1], numbers[2]);
    handle.MemoryClear(true);
    LLamaBatch batch = new();
    for (int i = 0; i < prompt; i++) batch.Add(random.Next(weights.Vocab.Count), i, LLamaSeqId.Zero, i == prompt - 1);
    Decode(batch);
    for (int text = 1; text < texts; text++) handle.MemorySequenceCopy(LLamaSeqId.Zero, (LLamaSeqId)text, 0, prompt);
    int[] next = [.. Enumerable.Range(1, texts)]; // each text goes its own way
    long started = Stopwatch.GetTimestamp();
    for (int token = 0; token < tokens; token++)
    {
        batch.Clear();
        for (int text = 0; text < texts; text++) batch.Add(next[text], prompt + token, (LLamaSeqId)text, true);
        Decode(batch);
        for (int text = 0; text < texts; text++) next[text] = Likeliest(handle.GetLogitsIth(text));
    }
    Console.WriteLine(Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
}

void Decode(LLamaBatch batch)
{
    DecodeResult result = handle.Decode(batch);
    if (result != DecodeResult.Ok) throw new InvalidOperationException($"llama_decode: expected Ok, found {result}.");
}

static int Likeliest(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);
