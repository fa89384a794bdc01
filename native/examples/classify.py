"""Classifies a picture: classify.py LIBHYBRIDCONV.so MODEL.onnx PICTURE

Prints the five classes with the largest scores, an index and a score each. Needs nothing but Python and the library.
"""
import ctypes as c
import sys


class Picture(c.Structure):
    _fields_ = [("size", c.c_size_t), ("pixels", c.c_void_p), ("width", c.c_int32), ("height", c.c_int32), ("channels", c.c_int32), ("row_bytes", c.c_int32)]


class PictureOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("fit", c.c_int32), ("scale", c.c_float), ("mean", c.c_float * 3), ("std", c.c_float * 3),
                ("swap_red_blue", c.c_int32), ("reserved", c.c_int32)]


class Tensor(c.Structure):
    _fields_ = [("size", c.c_size_t), ("name", c.c_char_p), ("type", c.c_int32), ("rank", c.c_int32), ("shape", c.POINTER(c.c_int64)),
                ("data", c.POINTER(c.c_float)), ("bytes", c.c_size_t)]


IMAGENET = dict(scale=1.0 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def sized(struct, **fields):
    return struct(size=c.sizeof(struct), **{name: (c.c_float * 3)(*value) if isinstance(value, tuple) else value for name, value in fields.items()})


class Library:
    """The functions of hybridconv.h; those that return a status raise where it is not HC_OK."""

    def __init__(self, path):
        self.library = c.CDLL(path)
        self.library.hc_last_error.restype = c.c_char_p
        self.library.hc_free.restype = None

    def __getattr__(self, name):
        function = getattr(self.library, "hc_" + name)

        def call(*arguments):
            if function(*arguments) != 0:
                raise RuntimeError(self.library.hc_last_error().decode())

        return call


def classify(library, model_file, picture_file):
    hc = Library(library)
    model, session, run = c.c_void_p(), c.c_void_p(), c.c_void_p()
    picture, scores = sized(Picture), sized(Tensor)
    hc.model_load(model_file.encode(), None, c.byref(model))
    hc.compile(model, None, c.byref(session))
    hc.run_create(session, None, c.c_size_t(0), c.byref(run))
    hc.picture_read(picture_file.encode(), 3, c.byref(picture))
    hc.run_set_picture(run, c.c_size_t(0), c.byref(picture), c.byref(sized(PictureOptions, **IMAGENET)))
    hc.library.hc_free(c.c_void_p(picture.pixels))
    hc.run_execute(run)
    hc.run_output(run, c.c_size_t(0), c.byref(scores))
    values = scores.data[:scores.bytes // 4]
    hc.run_close(run)
    hc.session_close(session)
    hc.model_close(model)
    return sorted(range(len(values)), key=lambda i: -values[i])[:5], values


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    best, values = classify(*sys.argv[1:])
    for index in best:
        print(index, f"{values[index]:.9g}")
