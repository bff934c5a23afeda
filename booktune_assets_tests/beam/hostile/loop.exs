# Never ends.
loop = fn loop -> loop.(loop) end
loop.(loop)
