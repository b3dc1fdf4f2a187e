namespace AhnSharp.Training;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Kl">Weighted mean KL of the last step's texts.</param>
/// <param name="GradientNorm">Of the last step, before it was clipped.</param>
/// <param name="Tokens">Tokens that were trained on since the process began.</param>
internal readonly record struct TrainingProgress(int Step, double Kl, double GradientNorm, long Tokens);
