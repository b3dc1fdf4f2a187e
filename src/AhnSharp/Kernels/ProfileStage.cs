

namespace AhnSharp.Kernels;

/// <summary>What a step is doing: every moment of a profiled step belongs to exactly one of these.</summary>
internal enum ProfileStage
{
    /// <summary>Whatever is in no other stage: planning a pass, making shared segments the session's own, copying logits.</summary>
    Bookkeeping,

    /// <summary>Rows of the embedding, and the angles of the rotation.</summary>
    Embedding,

    /// <summary>RMSNorm of the hidden states.</summary>
    Norm,

    /// <summary>Activations into the int8 forms that quantized weights multiply.</summary>
    Quantize,

    /// <summary>Products and biases of queries, keys and values.</summary>
    Qkv,

    /// <summary>Queries and keys are rotated; keys, values and gates go into the ring.</summary>
    Enter,

    /// <summary>Exact attention over sinks and window.</summary>
    Attention,

    /// <summary>The archive's index: every block is scored, the part of a question that grows with the text.</summary>
    ArchiveIndex,

    /// <summary>The archive: blocks that are sealed, exact scores, values of the chosen blocks.</summary>
    Archive,

    /// <summary>The compressed memory: gates, folding, reading, norm, projection.</summary>
    Memory,

    /// <summary>The product behind attention, added to the residual stream.</summary>
    AttentionOutput,

    /// <summary>The two products that widen the feed-forward network.</summary>
    GateUp,

    /// <summary>SiLU(gate) ⊙ up.</summary>
    SwiGlu,

    /// <summary>The product that narrows the feed-forward network, added to the residual stream.</summary>
    Down,

    /// <summary>Norm and output matrix of the rows whose logits are asked for.</summary>
    Head,

    /// <summary>Time of the team that no thread used: pieces of work that ended unevenly, threads that had to wake up.</summary>
    Waiting,

    /// <summary>Outside the model: the next token is picked.</summary>
    Sampling,
}
