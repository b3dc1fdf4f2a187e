namespace AhnSharp.Training;

/// <summary>A measurement of a run.</summary>
/// <param name="Step">Steps taken before it.</param>
/// <param name="TrainingKl">Weighted mean KL of the texts of the steps since the measurement before; NaN before the first step.</param>
/// <param name="HeldOutKl">Weighted mean KL of the texts held out, nats a token.</param>
internal readonly record struct TrainingPoint(int Step, double TrainingKl, double HeldOutKl);
