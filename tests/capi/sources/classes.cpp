/* What C++ adds to C, one construct a function. */
#include <Python.h>

namespace outer {

class Holder {
public:
    explicit Holder(PyObject *object) : object_(object) {}
    PyObject *get() { return object_; }
    PyObject *renew() { object_ = PyList_New(0); return this->object_; }
    static PyObject *make(PyObject *module) { return PyList_New(0); }
    template <class T> T as() { return T(object_); }

private:
    PyObject *object_;
};

struct Counter : PyObject {
    long count;
};

}  // namespace outer

static void by_reference(PyObject *&out, const int &n)
{
    out = n ? nullptr : NULL;
}

extern "C" PyObject *calls(PyObject *module)
{
    PyObject *x;
    by_reference(x, 3);
    outer::Holder holder(x);
    holder.get();
    outer::Holder::make(module);
    PyObject *&same = x;
    auto deferred = [&same, module](int i) { return i ? same : module; };
    return deferred(true);
}

static PyObject *casts(PyObject *self)
{
    auto counter = static_cast<outer::Counter *>(self);
    counter->count++;
    return reinterpret_cast<PyObject *>(const_cast<outer::Counter *>(counter));
}

static int ways(PyObject *self)
{
    int ways[2] = {1, 2};
    if (PyObject *text = PyObject_Str(self)) Py_DECREF(text);
    while (PyObject *text = PyObject_Str(self)) Py_DECREF(text);
    for (int way : ways) {
        if (way) continue;
    }
    try {
        if (!self) throw 1;
        return 1;
    } catch (int) {
        return 2;
    }
    delete new int(3);
}
