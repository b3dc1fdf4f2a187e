using AhnSharp.Gpu.Kernels;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>A row of a pass and the text that it belongs to, by the addresses of the text's buffers.</summary>
internal struct TextRow
{
    /// <summary>Stands for the rows that lie in a table on the device.</summary>
    public static readonly TextRow InTable = new() { Row = -1 };

    /// <summary>The ring, halves.</summary>
    public long Keys, Values;

    /// <summary>
    /// Write gates of the ring [slots][g], and the memory [H][D keys][D values], floats; not looked at where there is none.
    /// </summary>
    public long Gates, State;

    /// <summary>Where positions lie.</summary>
    public RingShape Ring;

    /// <summary>Row of the pass, and its position in the text.</summary>
    public int Row, Position;

    /// <summary>
    /// Keys that it sees, how they are cut, and where its splits stand among those of all texts. Keys of a split: a multiple of 64.
    /// </summary>
    public int Visible, KeysPerSplit, Splits, FirstSplit;

    /// <summary>Slot of the token that leaves the window; −1: none leaves.</summary>
    public int LeavingSlot;
}
