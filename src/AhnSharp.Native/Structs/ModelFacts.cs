using System.Runtime.InteropServices;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_model_facts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ModelFacts
{
    public nuint Size;
    public long FileBytes, WeightBytes;
    public int Vocabulary, Layers, Hidden, Context, Window, Sinks, HasMemory, HasTemplate, Threads, ChunkTokens;

    internal static ModelFacts Of(TextModel text)
    {
        LanguageModel model = text.Model;
        ModelConfig config = model.Config;
        return new ModelFacts
        {
            FileBytes = model.FileBytes,
            WeightBytes = model.WeightBytes,
            Vocabulary = config.VocabularySize,
            Layers = config.LayerCount,
            Hidden = config.HiddenSize,
            Context = config.ContextLength,
            Window = config.Ahn?.Window ?? 0,
            Sinks = config.Ahn?.Sinks ?? 0,
            HasMemory = config.Ahn is null ? 0 : 1,
            HasTemplate = text.Template is null ? 0 : 1,
            Threads = model.Processor?.Workers.Count ?? 0,
            ChunkTokens = model.ChunkTokens,
        };
    }
}
