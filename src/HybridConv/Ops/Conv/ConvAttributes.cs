namespace HybridConv.Ops.Conv;

/// <summary>How a convolution or a window operator pads when it does not list its pads.</summary>
internal enum AutoPad { NotSet, SameUpper, SameLower, Valid }

/// <summary>A convolution as read; complete (no null, no <see cref="AutoPad"/>) after inference.</summary>
/// <param name="KernelShape">Filter sizes of the spatial axes; null when they are to be taken from the weights.</param>
/// <param name="Strides">One per spatial axis; null for ones.</param>
/// <param name="Dilations">One per spatial axis; null for ones.</param>
/// <param name="Pads">Begins of the spatial axes, then ends; null for zeros.</param>
/// <param name="Group">Groups G: input channels C and output channels K are both cut into G parts that do not see each other.</param>
/// <param name="AutoPad">How pads are computed from the shapes when they are not listed.</param>
/// <param name="ChannelsLast">Whether input 0 and the output are N, spatial..., C rather than N, C, spatial.... Weights are always K, C/G, spatial....</param>
/// <param name="Activation">Applied to the result, after the residual (input 3) if there is one.</param>
/// <param name="InputActivation">Applied to the scaled image; meaningful with a scale (input 4) only.</param>
/// <param name="Parts">The output channels of each output, in order, where several tensors share them; null for one output.</param>
internal sealed record ConvAttributes(
    long[]? KernelShape, long[]? Strides, long[]? Dilations, long[]? Pads, long Group, AutoPad AutoPad, bool ChannelsLast = false, Activation Activation = default,
    Activation InputActivation = default, long[]? Parts = null);
