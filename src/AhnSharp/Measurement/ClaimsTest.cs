using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>What the memory saves against full attention at one length of text: bytes and operations counted, tokens/s measured.</summary>
/// <param name="Tokens">Length of the text.</param>
/// <param name="Full">Full attention.</param>
/// <param name="Ahn">Sinks, window and memory.</param>
internal sealed record ClaimsTest(long Tokens, ClaimsSide Full, ClaimsSide Ahn)
{
    /// <summary>The window and sinks of the paper's runs at 131,072 tokens.</summary>
    public const int PaperWindow = AhnConfig.DefaultWindow, PaperSinks = AhnConfig.DefaultSinks;

    /// <summary>
    /// The paper's savings at 128K tokens: memory cache −74.0 %, FLOPs −40.5 %. Source: Fang et al. arXiv 2510.07318, abstract.
    /// </summary>
    public const double PaperStateChange = -0.740, PaperOperationsChange = -0.405;

    /// <summary>Share of the state's bytes that is saved, negative.</summary>
    public double StateChange => (double)Ahn.StateBytes / Full.StateBytes - 1;

    /// <summary>Share of the operations that is saved, negative.</summary>
    public double OperationsChange => Ahn.Operations.Total / Full.Operations.Total - 1;

    /// <summary>Counts both sides of a text that is read from its first token to its last.</summary>
    public static ClaimsTest Count(ModelPlan model, SessionOptions options, long tokens)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ClaimsTest(tokens, Side(MemoryMode.Full), Side(MemoryMode.Ahn));

        ClaimsSide Side(MemoryMode mode)
        {
            SessionPlan plan = model.Session(Of(options, mode, tokens));
            return new ClaimsSide(plan.Bytes(tokens), OperationCount.Of(model.Config, plan, 0, tokens, 1));
        }
    }

    /// <summary>
    /// The same, with the speed at the end of the text: of the last tokens read at once, and of tokens generated behind
    /// it. The text before is made up.
    /// </summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="plan">The same model, counted.</param>
    /// <param name="options">W and S.</param>
    /// <param name="tokens">Length of the text.</param>
    /// <param name="read">Tokens read at once.</param>
    /// <param name="generated">Tokens generated.</param>
    /// <param name="runs">How often; the median counts.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ClaimsTest Measure(CpuModel model, ModelPlan plan, SessionOptions options, long tokens, int read, int generated, int runs,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ClaimsTest counted = Count(plan, options, tokens);
        return counted with { Full = Side(counted.Full, MemoryMode.Full), Ahn = Side(counted.Ahn, MemoryMode.Ahn) };

        ClaimsSide Side(ClaimsSide side, MemoryMode mode)
        {
            int first = (int)Math.Min(read, tokens - 1);
            StepClock text = StepClock.Behind(model, Of(options, mode, tokens + 4096L), tokens - first, madeUp: true, null, cancellation);
            using LanguageSession before = text.Session;
            int[] ids = SpeedRunner.RandomIds(model.Config.VocabularySize, first);
            List<double> reads = [], steps = [];
            for (int i = -1; i < runs; i++)
            {
                using LanguageSession session = before.Fork();
                StepClock clock = new(model, session);
                double seconds = clock.Read(ids, cancellation);
                if (i >= 0) reads.Add(first / seconds);
                for (int g = 0; g < generated; g++)
                {
                    double step = clock.Step(cancellation);
                    if (i >= 0) steps.Add(1 / step);
                }
            }
            return side with
            {
                ReadTokensPerSecond = SampleSummary.Of([.. reads]).Median,
                GeneratedTokensPerSecond = SampleSummary.Of([.. steps]).Median,
            };
        }
    }

    private static SessionOptions Of(SessionOptions options, MemoryMode mode, long context) =>
        (options ?? throw new ArgumentNullException(nameof(options))) with { Mode = mode, ContextTokens = checked((int)context) };
}

/// <summary>One side of a <see cref="ClaimsTest"/>.</summary>
/// <param name="StateBytes">Bytes of exact and compressed memory at the end of the text.</param>
/// <param name="Operations">Multiply-adds of the whole text.</param>
internal sealed record ClaimsSide(long StateBytes, OperationCount Operations)
{
    /// <summary>Tokens/s of the last piece of the text, read at once; null where nothing was measured.</summary>
    public double? ReadTokensPerSecond { get; init; }

    /// <summary>Tokens/s generated behind the text.</summary>
    public double? GeneratedTokensPerSecond { get; init; }
}
