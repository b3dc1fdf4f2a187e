// MeasurePerplexity MODEL TEXT-FILE [TOKENS]: how surprised the model is by a text, with each memory that it can run with. Lower is better;
// what the window costs against
// full attention is what forgetting costs, and what the memory wins back is its worth on this text.
using System;
using System.Globalization;
using System.IO;
using AhnSharp;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;

if (args is not ([string, string] or [string, string, string]))
{
    Console.Error.WriteLine("usage: MeasurePerplexity MODEL.gguf TEXT-FILE [TOKENS]");
    return 2;
}

using TextModel model = TextModel.Load(args[0]);
int[] ids = model.Tokenizer.Encode(File.ReadAllText(args[1]));
if (args.Length > 2) ids = ids[..Math.Min(ids.Length, int.Parse(args[2], CultureInfo.InvariantCulture))];

foreach (MemoryMode mode in new[] { MemoryMode.Full, MemoryMode.Window, MemoryMode.Ahn })
{
    if (mode == MemoryMode.Ahn && model.Model.Config.Ahn is null) continue; // a model without a memory
    PerplexityResult result = Perplexity.Measure(model.Model, ids, new SessionOptions { Mode = mode, ContextTokens = ids.Length });
    double speed = result.Tokens / result.Seconds;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{mode,-8} {result.Perplexity:f3} over {result.Tokens:N0} tokens, {speed:f0} per second"));
}
return 0;
